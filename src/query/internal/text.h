// Small things about text, as queries need them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace nightjar::query::internal {

constexpr bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// A regular expression that finds the text itself.
std::string EscapedForRegex(std::string_view text);

// How the text may be written inside JSON: as it is, with escapes, and with escapes in ASCII. Each once.
std::vector<std::string> JsonSpellings(std::string_view text);

}  // namespace nightjar::query::internal
