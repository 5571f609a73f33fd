// Any bytes are a query, with or without mistakes; one without is what its canonical text says, and compiles. Any place
// of it can be completed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "query/compile.h"
#include "query/complete.h"
#include "query/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nightjar::query;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const ParsedQuery parsed = Parse(text);
  for (const Mistake& mistake : parsed.mistakes) CHECK(mistake.range.begin <= mistake.range.end);
  const Completion completion = CompletionAt(text, size / 2);
  CHECK(completion.replaced.begin <= completion.replaced.end && completion.replaced.end <= size);
  if (!parsed.mistakes.empty()) return 0;
  for (const Grain grain : {Grain::kSpan, Grain::kTrace, Grain::kSession})
    CHECK(!Compile(parsed.expression, grain, {.project = "p", .now = 1}).sql.empty());
  const std::string canonical = ToText(parsed.expression);
  if (canonical.size() > kQueryBytesMax) return 0;
  const ParsedQuery again = Parse(canonical);
  CHECK(again.mistakes.empty() && again.expression == parsed.expression);
  return 0;
}
