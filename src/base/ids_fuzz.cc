#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/ids.h"

namespace {

template <typename IdType>
void ReadId(std::string_view text) {
  if (const auto id = IdType::FromHex(text)) {
    CHECK(text.size() == 2 * IdType::kSize);
    std::string lower_case(text);
    for (char& c : lower_case)
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    CHECK(id->ToHex() == lower_case);
  }
  const auto id = IdType::FromBytes(text);
  CHECK(id.has_value() == (text.size() == IdType::kSize));
  if (id) {
    CHECK(id->AsBytes() == text);
    CHECK(IdType::FromHex(id->ToHex()) == id);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadId<nightjar::TraceId>(text);
  ReadId<nightjar::SpanId>(text);
  return 0;
}
