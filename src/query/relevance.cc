#include "query/relevance.h"

#include <fmt/format.h>

#include "query/internal/text.h"
#include "query/parse.h"
#include "query/score_sql.h"
#include "query/word_spans.h"

namespace nightjar::query {
namespace {

// More words cost time on each row that matches, and hardly change the order.
constexpr std::size_t kWordsMax = 8;

// Of one span: whole words before parts of words, then by place. Only what is short is looked at, so that a row costs
// the same whatever its bodies are; a word that stands elsewhere counts 0.
constexpr std::string_view kPointsSql =
    "multiIf(match(exception_message, {{{0}:String}}), 8, match(output_preview, {{{0}:String}}), 7, "
    "match(input_preview, {{{0}:String}}), 6, match(concat(toString(name), ' ', status_message), {{{0}:String}}), 5, "
    "positionCaseInsensitiveUTF8(exception_message, {{{1}:String}}) > 0, 4, "
    "positionCaseInsensitiveUTF8(output_preview, {{{1}:String}}) > 0, 3, "
    "positionCaseInsensitiveUTF8(input_preview, {{{1}:String}}) > 0, 2, "
    "positionCaseInsensitiveUTF8(concat(toString(name), ' ', status_message), {{{1}:String}}) > 0, 1, 0)";

std::string WholeWord(std::string_view word) {
  constexpr std::string_view kNoLetter = "[^\\pL\\pN_]";
  return fmt::format("(?i)(?:^|{0}){1}(?:$|{0})", kNoLetter, internal::EscapedForRegex(word));
}

}  // namespace

Result<std::string> KeyOf(const SortOrder& order, const Expression& expression, ListOf list,
                          std::vector<store::QueryParam>& params) {
  if (const auto score = order.score()) params.push_back({std::string(kSortScore), std::string(*score)});
  if (order.name != kRelevance) return order.key;
  std::vector<std::string> words = WordsOf(expression);
  std::erase_if(words, [](const std::string& word) { return word.size() > kRegexBytesMax; });
  if (words.empty())
    return Fail(ErrorCode::kInvalidArgument, "sort=relevance needs a word that is looked for, of at most 256 bytes");
  if (words.size() > kWordsMax) words.resize(kWordsMax);
  std::string points;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string whole = fmt::format("rank{}", i);
    const std::string part = fmt::format("part{}", i);
    points += (i == 0 ? "" : " + ") + fmt::format(kPointsSql, whole, part);
    params.push_back({whole, WholeWord(words[i])});
    params.push_back({part, words[i]});
  }
  // Of equals the newest first.
  const bool of_spans = list == ListOf::kSpans;
  return fmt::format("concat(leftPad(toString({0}), 3, '0'), leftPad(toString({1}), 20, '0'))",
                     of_spans ? points : "max(" + points + ")", of_spans ? "start_unix_ns" : "max(start_unix_ns)");
}

}  // namespace nightjar::query
