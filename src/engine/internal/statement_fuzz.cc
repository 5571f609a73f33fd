// Texts that people and clients write: the statement scanner and the URL parser.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/internal/request_url.h"
#include "engine/internal/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nightjar::engine;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto insert = SplitInsert(text)) {
    if (FirstWord(insert->statement) != "INSERT" || !HasWord(text, "FORMAT")) std::abort();
  }
  ExceptionCode(text);
  if (const auto url = ParseRequestUrl(text); !url && url.error().message.empty()) std::abort();
  return 0;
}
