// What the child must know about a statement's text before it picks a way into the engine. Meaning is left to the
// engine's own parser; these look at first and last words only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nightjar::engine {

// "INSERT INTO t FORMAT Native" as ("INSERT INTO t ", "Native"): the two arguments of a streamed insert. Nothing when
// the text is not an INSERT that ends with a FORMAT.
struct StreamedInsert {
  std::string statement;
  std::string format;
};
std::optional<StreamedInsert> SplitInsert(std::string_view sql);

// First word in capitals, comments and opening parentheses skipped: "/* x */ (select 1)" is SELECT. Empty when none.
std::string FirstWord(std::string_view sql);

// Whether the word stands in the text, outside quotes and comments, in any case.
bool HasWord(std::string_view sql, std::string_view upper_case_word);

// Formats whose streamed chunks joined are one document (engine facts: formats with a header or a frame are not).
bool StreamsWhole(std::string_view format);

std::string QuoteLiteral(std::string_view text);  // 'text' with \ and ' escaped

// N of "Code: N." in the engine's text; 1002 (unknown exception) when it has none.
int ExceptionCode(std::string_view text);

// HTTP status of an exception code. Clients decide by the code, this is for people and proxies.
unsigned HttpStatus(int exception_code);

}  // namespace nightjar::engine
