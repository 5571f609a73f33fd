// A scanner for just enough of the SQL lexis: words, quoted text ('', "", ``; backslash escapes and doubled quotes),
// comments (--, #, /* */). A quote or comment that never ends runs to the end of the text.
#include "engine/internal/statement.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nightjar::engine {
namespace {

constexpr int kUnknownException = 1002;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string UpperCase(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), Upper);
  return out;
}

struct Token {
  enum class Kind { kWord, kQuoted, kOther, kEnd } kind = Kind::kEnd;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::size_t SkipQuoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  for (++at; at < sql.size(); ++at) {
    if (sql[at] == '\\') {
      ++at;
    } else if (sql[at] == quote) {
      return at + 1;  // a doubled quote starts the next quoted token at once
    }
  }
  return sql.size();
}

std::size_t SkipBlank(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    const std::string_view rest = sql.substr(at);
    std::size_t end = 0;
    if (IsSpace(rest[0])) {
      end = 1;
    } else if (rest.starts_with("/*")) {
      end = rest.find("*/", 2);
      end = end == std::string_view::npos ? rest.size() : end + 2;
    } else if (rest.starts_with("--") || rest.starts_with("# ") || rest.starts_with("#!")) {
      end = std::min(rest.find('\n'), rest.size());
    } else {
      return at;
    }
    at += end;
  }
  return sql.size();
}

Token NextToken(std::string_view sql, std::size_t at) {
  at = SkipBlank(sql, at);
  if (at >= sql.size()) return {Token::Kind::kEnd, sql.size(), sql.size()};
  if (IsWordChar(sql[at])) {
    std::size_t end = at;
    while (end < sql.size() && IsWordChar(sql[end])) ++end;
    return {Token::Kind::kWord, at, end};
  }
  if (sql[at] == '\'' || sql[at] == '"' || sql[at] == '`') return {Token::Kind::kQuoted, at, SkipQuoted(sql, at)};
  return {Token::Kind::kOther, at, at + 1};
}

std::string_view Text(std::string_view sql, const Token& token) {
  return sql.substr(token.begin, token.end - token.begin);
}

}  // namespace

std::string FirstWord(std::string_view sql) {
  Token token = NextToken(sql, 0);
  while (token.kind == Token::Kind::kOther && sql[token.begin] == '(') token = NextToken(sql, token.end);
  return token.kind == Token::Kind::kWord ? UpperCase(Text(sql, token)) : std::string();
}

std::optional<StreamedInsert> SplitInsert(std::string_view sql) {
  if (FirstWord(sql) != "INSERT") return std::nullopt;
  Token before;  // the last two words, with nothing but ';' behind them
  Token last;
  for (Token token = NextToken(sql, 0); token.kind != Token::Kind::kEnd; token = NextToken(sql, token.end)) {
    if (token.kind == Token::Kind::kOther && sql[token.begin] == ';') continue;
    before = std::exchange(last, token);
  }
  if (last.kind != Token::Kind::kWord || before.kind != Token::Kind::kWord) return std::nullopt;
  if (UpperCase(Text(sql, before)) != "FORMAT") return std::nullopt;
  return StreamedInsert{std::string(sql.substr(0, before.begin)), std::string(Text(sql, last))};
}

bool HasWord(std::string_view sql, std::string_view upper_case_word) {
  for (Token token = NextToken(sql, 0); token.kind != Token::Kind::kEnd; token = NextToken(sql, token.end)) {
    if (token.kind == Token::Kind::kWord && UpperCase(Text(sql, token)) == upper_case_word) return true;
  }
  return false;
}

bool StreamsWhole(std::string_view format) {
  return format == "Native" || format == "RowBinary" || format == "JSONEachRow";
}

std::string QuoteLiteral(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

int ExceptionCode(std::string_view text) {
  constexpr std::string_view kMark = "Code: ";
  const std::size_t at = text.find(kMark);
  if (at == std::string_view::npos) return kUnknownException;
  int code = kUnknownException;
  std::from_chars(text.data() + at + kMark.size(), text.data() + text.size(), code);
  return code;
}

unsigned HttpStatus(int exception_code) {
  switch (exception_code) {
    case 6:    // CANNOT_PARSE_TEXT
    case 26:   // CANNOT_PARSE_QUOTED_STRING
    case 27:   // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    case 33:   // CANNOT_READ_ALL_DATA
    case 36:   // BAD_ARGUMENTS
    case 42:   // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
    case 43:   // ILLEGAL_TYPE_OF_ARGUMENT
    case 53:   // TYPE_MISMATCH
    case 62:   // SYNTAX_ERROR
    case 72:   // CANNOT_PARSE_NUMBER
    case 117:  // INCORRECT_DATA
    case 386:  // NO_COMMON_TYPE
    case 456:  // UNKNOWN_QUERY_PARAMETER
    case 457:  // BAD_QUERY_PARAMETER
      return 400;
    case 164:  // READONLY
    case 392:  // QUERY_IS_PROHIBITED
    case 497:  // ACCESS_DENIED
      return 403;
    case 16:   // NO_SUCH_COLUMN_IN_TABLE
    case 46:   // UNKNOWN_FUNCTION
    case 47:   // UNKNOWN_IDENTIFIER
    case 60:   // UNKNOWN_TABLE
    case 73:   // UNKNOWN_FORMAT
    case 81:   // UNKNOWN_DATABASE
    case 115:  // UNKNOWN_SETTING
      return 404;
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
      return 408;
    case 48:   // NOT_IMPLEMENTED
    case 344:  // SUPPORT_IS_DISABLED
      return 501;
    case 202:  // TOO_MANY_SIMULTANEOUS_QUERIES
      return 503;
    default: return 500;
  }
}

}  // namespace nightjar::engine
