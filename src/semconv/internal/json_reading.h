// Tolerant reads of JSON whose shape strangers chose: what has another type than expected is absent.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "semconv/internal/lenient_json.h"

namespace nightjar::semconv::internal {

// Counts above this (2^53) are taken as garbage: no sum of two of them overflows.
constexpr std::uint64_t kCountMax = (std::uint64_t{1} << 53) - 1;

// The member `key` of an object; null when `value` is no object or has no such member.
const json::value& Member(const json::value& value, std::string_view key);

// The first member of that list which is neither absent nor null; null when there is none.
const json::value& FirstMember(const json::value& value, std::initializer_list<std::string_view> keys);

// {"<name>": {…}} → the inner object, else `value`: OpenInference wraps each list item in its noun.
const json::value& Unwrap(const json::value& value, std::string_view name);

// A string as it is, null as "", anything else as its JSON text.
std::string Text(const json::value& value);

// A non-negative whole number; also as a double (3.0) or as decimal text ("3").
std::optional<std::uint64_t> Count(const json::value& value);

// A finite number, also as decimal text.
std::optional<double> Number(const json::value& value);

// Follows members of members, separated by dots; a number is a place in a list.
const json::value& MemberAt(const json::value& value, std::string_view path);
// The same, and '*' is every item of a list: what follows is looked up in each, and what is found comes as a list.
json::value ValueAt(const json::value& value, std::string_view path);

// Strings that hold JSON are parsed, also when they are Python, cut, or JSON within a JSON string; other values are
// given back. Null when the text is none of these. `spelling` is left alone unless the text is a list or an object.
json::value Parsed(const json::value& value, Spelling* spelling = nullptr);

// JSON text of an object: `value` itself or the text it holds. Empty for anything else.
std::string ObjectText(const json::value& value);

}  // namespace nightjar::semconv::internal
