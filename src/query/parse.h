// Nightjar's query language: `kind:llm duration>2s -user:bot "exact words" within(trace: tool:search_docs)`.
// Reference: docs/guide/query.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"

namespace nightjar::query {

constexpr std::size_t kQueryBytesMax = 4096;
constexpr std::size_t kTermsMax = 100;
constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kRegexBytesMax = 256;
constexpr std::size_t kMistakesMax = 20;

// What is wrong, where, and how it is mended.
struct Mistake {
  TextRange range;
  std::string message;
  bool operator==(const Mistake&) const = default;
};

// `expression` is what could be understood; it is the query only when there are no mistakes.
struct ParsedQuery {
  Expression expression;
  std::vector<Mistake> mistakes;
};

// Never fails and never throws: any bytes are a query with mistakes. An empty text selects all.
ParsedQuery Parse(std::string_view text);

// The same query in one canonical form, which parses to an equal expression. REQUIRES: Parse made it
std::string ToText(const Expression& expression);

}  // namespace nightjar::query
