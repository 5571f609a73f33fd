#include "query/parse.h"

#include <gtest/gtest.h>

#include <string>

namespace nightjar::query {
namespace {

std::string Canonical(std::string_view text) {
  const ParsedQuery parsed = Parse(text);
  for (const Mistake& mistake : parsed.mistakes) ADD_FAILURE() << text << ": " << mistake.message;
  return ToText(parsed.expression);
}

TEST(Parse, ReadsEachConstruct) {
  constexpr struct {
    std::string_view text;
    std::string_view canonical;
  } kCases[] = {
      {"", ""},
      {"  \t\n", ""},
      {"refund", "\"refund\""},
      {"\"exact words\"", "\"exact words\""},
      {"\"a \\\"b\\\" \\\\\"", "\"a \\\"b\\\" \\\\\""},
      {"10:30", "\"10:30\""},
      {"kind:llm", "kind:llm"},
      {"KIND:Llm", "kind:llm"},
      {"model:gpt-4*", "model:gpt-4*"},
      {"model:\"gpt-4*\"", "model:\"gpt-4*\""},
      {"model=gpt-4o", "model:gpt-4o"},
      {"model = gpt-4o", "model:gpt-4o"},
      {"model!=gpt-4o", "not model:gpt-4o"},
      {"model:*", "has:model"},
      {"model:(gpt-4o or claude*, o1)", "model:gpt-4o or model:claude* or model:o1"},
      {"model~\"^gpt-[45]\"", "model~^gpt-[45]"},
      {"name!~x", "not name~x"},
      {"not (name!~x)", "name~x"},
      {"not (not (-name:x))", "not name:x"},
      {"duration>2s", "duration>2000000000ns"},
      {"duration > 2s", "duration>2000000000ns"},
      {"duration:>2s", "duration>2000000000ns"},
      {"duration>=1.5ms", "duration>=1500000ns"},
      {"duration:1s..2s", "duration>=1000000000ns duration<=2000000000ns"},
      {"cost>$0.01", "cost>0.01"},
      {"tokens.prompt>10k", "tokens.prompt>10000"},
      {"tokens:1.5M", "tokens:1500000"},
      {"start>=2026-01-31", "start>=2026-01-31T00:00:00Z"},
      {"start:2026-01-31", "start>=2026-01-31T00:00:00Z start<2026-02-01T00:00:00Z"},
      {"start<2026-01-31T12:00:00.5+01:00", "start<2026-01-31T11:00:00.5Z"},
      {"last:1h", "last:3600000000000ns"},
      {"trace:4BF92F3577B34DA6A3CE929D0E0E4736", "trace:4bf92f3577b34da6a3ce929d0e0e4736"},
      {"has:exception", "has:exception"},
      {"-has:parent", "not has:parent"},
      {"has:attributes.x", "has:attributes.\"x\""},
      {"attributes.http.route:/chat", "attributes.\"http.route\":/chat"},
      {"attributes.\"http route\":\"/chat\"", "attributes.\"http route\":/chat"},
      {"attributes.n>5", "attributes.\"n\">5"},
      {"attributes.n:\"5\"", "attributes.\"n\":\"5\""},
      {"resource.service.version:1.2*", "resource.\"service.version\":1.2*"},
      {"user:ada status:error", "user:ada status:error"},
      {"user:ada and status:error", "user:ada status:error"},
      {"user:ada OR status:error", "user:ada or status:error"},
      {"a or b c", "\"a\" or (\"b\" \"c\")"},
      {"(a or b) c", "(\"a\" or \"b\") \"c\""},
      {"not not a", "\"a\""},
      {"-(a b)", "not (\"a\" \"b\")"},
      {"a - b", "\"a\" \"-\" \"b\""},
      {"and-or", "\"and-or\""},
      {"within(trace: tool:search_docs)", "within(trace: tool:search_docs)"},
      {"within( ROOT : a or b)", "within(root: (\"a\" or \"b\"))"},
      {"within(parent: kind:llm)", "within(parent: kind:llm)"},
      {"within(sibling: within(child: status:error))", "within(sibling: within(child: status:error))"},
      {"within(first: a) within(last: b)", "within(first: \"a\") within(last: \"b\")"},
  };
  for (const auto& [text, canonical] : kCases) {
    EXPECT_EQ(Canonical(text), canonical) << text;
    EXPECT_EQ(Parse(canonical).expression, Parse(text).expression) << text;
  }
}

TEST(Parse, SaysWhatIsWrongAndWhere) {
  constexpr struct {
    std::string_view text;
    TextRange range;
    std::string_view message;
  } kCases[] = {
      {"modle:x",
       {0, 5},
       "there is no field \"modle\", did you mean model; a text to be searched for stands in quotes"},
      {"https://x", {0, 5}, "there is no field \"https\"; a text to be searched for stands in quotes"},
      {"user:ada kind:", {9, 14}, "say what kind is compared with, as in kind:llm"},
      {"status:bad", {7, 10}, "status is one of error, ok, unset, not \"bad\""},
      {"duration>2", {9, 10}, "\"2\" needs a unit: 2s, 2ms, 2m"},
      {"duration>fast", {9, 13}, "\"fast\" is not a duration such as 2s, 150ms or 1.5h"},
      {"tokens>many", {7, 11}, "\"many\" is not a number such as 500, 10k or 1.5M, which tokens is compared with"},
      {"cost>1e", {5, 7}, "\"1e\" is not an amount in US dollars such as 0.01"},
      {"start>yesterday",
       {6, 15},
       "\"yesterday\" is not a time between 1970 and 2262 such as 2026-01-31 or 2026-01-31T12:00:00Z"},
      {"trace:12", {6, 8}, "\"12\" is not an id of 32 hex digits"},
      {"model>5", {6, 7}, "model is not a number; compare it with model:"},
      {"cost~1", {5, 6}, "cost is not a text, so it has no regular expression"},
      {"name~(", {5, 6}, "not a regular expression: missing ): ("},
      {"name~\"(\"", {5, 8}, "not a regular expression: missing ): ("},
      {"attributes.:x", {0, 11}, "attributes. needs a key, as in attributes.\"http.route\":/chat"},
      {"(a", {0, 1}, "this bracket is not closed"},
      {"a)", {1, 2}, "this bracket was never opened"},
      {"()", {0, 2}, "there is no condition in these brackets"},
      {"\"a", {0, 2}, "this quote is not closed"},
      {"model:(<a*)", {7, 10}, "\"<a*\" begins like a comparison; put it in quotes"},
      {"a\xff", {0, 2}, "the query is not UTF-8"},
      {"\"\"", {0, 2}, "there is nothing between these quotes"},
      {"a or", {4, 4}, "\"or\" stands between two conditions"},
      {"or a", {0, 2}, "\"or\" stands between two conditions"},
      {"and a", {0, 3}, "\"and\" stands between two conditions"},
      {"not", {0, 3}, "\"not\" stands before a condition"},
      {"model:()", {0, 8}, "there is no value in these brackets"},
      {"model:(a", {0, 8}, "the list of values is not closed by a bracket"},
      {"within(team: a)",
       {7, 11},
       "within takes span:, root:, first:, last:, parent:, child:, sibling:, trace: or session: and a condition, as in "
       "within(trace: tool:search_docs)"},
  };
  for (const auto& [text, range, message] : kCases) {
    const ParsedQuery parsed = Parse(text);
    ASSERT_EQ(parsed.mistakes.size(), 1u) << text;
    EXPECT_EQ(parsed.mistakes[0].range, range) << text;
    EXPECT_EQ(parsed.mistakes[0].message, message) << text;
  }
}

TEST(Parse, UnderstandsWhatStandsAroundAMistake) {
  const ParsedQuery parsed = Parse("user:ada modle:x (kind: or status:error) last:1h");
  EXPECT_EQ(parsed.mistakes.size(), 2u);
  EXPECT_EQ(ToText(parsed.expression), "user:ada status:error last:3600000000000ns");
}

TEST(Parse, HoldsItsLimits) {
  EXPECT_EQ(Parse(std::string(kQueryBytesMax, 'a')).mistakes.size(), 0u);
  EXPECT_EQ(Parse(std::string(kQueryBytesMax + 1, 'a')).mistakes.at(0).message,
            "the query has 4097 bytes, at most 4096 are allowed");
  EXPECT_EQ(Parse(std::string(kDepthMax, '(') + "a" + std::string(kDepthMax, ')')).mistakes.size(), 0u);
  EXPECT_EQ(Parse(std::string(kDepthMax + 1, '(') + "a" + std::string(kDepthMax + 1, ')')).mistakes.at(0).message,
            "brackets are nested deeper than 32");
  std::string terms;
  for (std::size_t i = 0; i < kTermsMax; ++i) terms += "a ";
  EXPECT_EQ(Parse(terms).mistakes.size(), 0u);
  EXPECT_EQ(Parse(terms + "a").mistakes.at(0).message, "the query has more than 100 conditions");
  EXPECT_EQ(Parse("name~" + std::string(kRegexBytesMax + 1, 'a')).mistakes.at(0).message,
            "the regular expression has 257 bytes, at most 256 are allowed");
  EXPECT_EQ(Parse(std::string(2000, ')')).mistakes.size(), kMistakesMax);
}

}  // namespace
}  // namespace nightjar::query
