// Any bytes are a filter, with or without mistakes; one without compiles at its grain.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "query/compile.h"
#include "query/phoenix.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nightjar::query;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const Grain grain : {Grain::kSpan, Grain::kTrace, Grain::kSession}) {
    const ParsedQuery parsed = ParsePhoenix(text, grain);
    for (const Mistake& mistake : parsed.mistakes) CHECK(mistake.range.begin <= mistake.range.end);
    if (parsed.mistakes.empty()) CHECK(!Compile(parsed.expression, grain, {.project = "p", .now = 1}).sql.empty());
  }
  return 0;
}
