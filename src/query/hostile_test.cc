// Texts that are half-typed, mistyped, or meant to do harm. The first mistake of one that is refused is where ‸ stands;
// one that is taken is taken as a whole, and is compiled with bound values only.
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "query/compile.h"
#include "query/parse.h"
#include "query/phoenix.h"

namespace nightjar::query {
namespace {

constexpr std::string_view kMark = "‸";

// clang-format off
constexpr std::string_view kRefused[] = {
    // Fields that are none, and names that look like some.
    "‸modle:x", "‸https://x", "‸a:b", "‸__proto__:x", "‸constructor:1", "‸kind.x:llm", "‸model.:x", "‸tokens.total>1", "‸spans.x:1", "‸user_id:ada", "‸Kindd:llm", "‸start_time>1",
    "user:ada ‸modle:x", "(‸modle:x)", "not ‸modle:x", "-‸modle:x", "within(trace: ‸modle:x)", "a or ‸modle:x", "has:‸modle", "has:‸nothing.x", "has:‸\"\"", "‸x=1", "‸x>1", "‸x~1",
    // Keys that are missing.
    "‸attributes.:x", "‸attributes.>1", "has:‸attributes.", "has:‸metadata.", "‸resource.:x", "‸metadata.=1", "‸score.>0.5", "‸annotation.:x", "‸attributes.\"\":x", "has:‸score.",
    // Values that are missing.
    "‸kind:", "‸kind: llm", "‸model=", "‸tokens>", "‸duration>=", "user:ada ‸kind:", "(‸kind:)", "‸cost<)", "‸name~", "‸name!~", "‸model!=", "‸last:", "‸start>", "has:‸", "has:‸ x", "‸attributes.x:",
    // Values that the field cannot have.
    "kind:‸llmm", "kind:‸\"\"", "kind:‸LLM;", "kind:‸l*", "kind:‸'llm'", "status:‸bad", "status:‸2", "status:‸error,ok", "trace:‸12", "trace:‸xyz", "trace:‸4bf92f3577b34da6a3ce929d0e0e473", "span:‸1",
    "span:‸00f067aa0ba902b7ff", "parent:‸0x00f067aa0ba902", "trace:‸*a", "kind:‸__proto__", "trace:‸\"' OR 1=1\"",
    "tokens>‸many", "tokens>‸1e", "tokens>‸1kk", "tokens>‸10T", "tokens>‸--1", "tokens>‸0x10", "tokens>‸nan", "tokens>‸inf", "tokens>‸1e999", "tokens>‸$5", "tokens>‸1,000", "tokens>‸\"a\"",
    "cost>‸1e", "cost>‸€1", "cost>‸$", "cost>‸$$1", "cost>‸1usd", "cost>‸NaN", "cost>‸-inf", "cost>‸1e400",
    "duration>‸2", "duration>‸fast", "duration>‸2sec", "duration>‸s", "duration>‸1e99s", "duration>‸99999999999999999999d", "duration>‸1h30m", "duration>‸2\xc2\xb5s", "last:‸1", "last:‸yesterday", "first_token>‸1",
    "start>‸yesterday", "start>‸2026-13-01", "start>‸2026-02-30", "start>‸2026-01-31T12:00:00", "start>‸1969-01-01", "start>‸2300-01-01", "start>‸12:00", "start>‸2026", "end>‸now", "start>‸2026-01-31T25:00:00Z",
    "duration:‸1s..", "duration:‸..2s", "duration:‸1..2s", "tokens:‸..", "start:‸2026-01-01..x", "cost:‸a..b",
    // Comparisons that the field has not.
    "model>‸5", "model<‸a", "kind>‸llm", "kind~‸llm", "status~‸e", "cost~‸1", "tokens~‸1", "duration~‸1s", "start~‸2026", "trace~‸a", "span>‸00f067aa0ba902b7", "tag>‸a", "score.x~‸1", "annotation.x>‸1",
    // Regular expressions that are none, or too long.
    "name~‸(", "name~‸\"(\"", "name~‸[", "name~‸a**", "name~‸\"a{2000}\"", "name~‸\"(?<a\"", "name~‸\\", "name~‸*", "name~‸\"(?=a)\"", "name~‸\"\\\\1\"",
    // Brackets and quotes.
    "‸(a", "a‸)", "‸()", "( ‸() )", "‸((a)", "a ‸)) b", "‸\"a", "model:‸\"a", "‸\"\"", "a ‸\"\"", "(‸\"a)", "‸\"\\", "‸\"\\\"", "model:(‸<a*)", "‸model:()", "‸model:(a", "model:(a ‸(b))", "‸model:(a or", "kind:(llm or ‸x)",
    "kind:(‸a,b)", "‸( )",
    // Words that stand between conditions.
    "‸or a", "a or‸", "a or‸ or b", "‸or", "‸and a", "‸and", "‸not", "a ‸not", "‸not not", "-‸(", "‸not )", "a or‸)", "(a or‸ )", "(‸not)", "‸or or or",
    // Scopes.
    "within(‸team: a)", "within(‸)", "within(‸", "within(‸trace a)", "within(‸trace tool:x)", "‸within(trace:)", "‸within(trace: a", "within(trace: ‸kind:)", "within(‸: a)", "within(‸within(trace: a))", "within(‸parents: a)",
    "‸within:x", "within(trace: ‸())", "name~‸(?i)x", "‸a=", "a\\‸\"b",
    // No text at all.
    "‸a\xff", "‸\xc0\x80", "‸\xed\xa0\x80", "‸\xf4\x90\x80\x80", "‸\x80",
};

constexpr std::string_view kTaken[] = {
    "", " ", "\t\n\r", "'", "''", "`", "--", "/*", "*/", ";", "%", "_", "\\", "\\\\", "{project:String}", "{q0:String}", "%s%n", "${x}", "$(id)", "<script>", "a;b", "x'--", "'--", "1=1'",
    "\"'); DROP TABLE nightjar.spans; --\"", "\"x' OR '1'='1\"", "\"{traces:Array(String)}\"", "name:\"'; SELECT 1; --\"", "name:'", "name:`", "name:\\", "name:%", "name:_%*", "name:*", "name:**", "name:\\*",
    "name:__proto__", "attributes.__proto__:x", "attributes.\"a'b\":\"c'd\"", "attributes.\"{x}\":1", "attributes.\"\\\"\":1", "attributes.a.b.c.d:1", "attributes.x:\"\"", "attributes.x:nan", "attributes.x>1e9",
    "attributes.x:-1", "attributes.x:1e308", "metadata.a.b:\"\"", "metadata.\"a.b\":x", "resource.'x':1", "has:attributes.\" \"", "name:\"\\\\\"", "name~\"\"", "name~\"a|b\"", "name~\"^$\"", "name!~.", "name~'",
    "\"\\0\"", "\"a\nb\"", "a\001b", "日本", "name:日本*", "🦉", "zoë", "\xc2\xa0", "\xe2\x80\xaex", "-a", "- a", "--a", "not -not a", "a - b", "-(a)", "-\"a\"", "and-or", "android", "order", "nothing", "orx",
    "has", "within", "within x", "has x", "kind", "10:30", "1:2:3", "é:1", "[]:x", "{}:x", "=", "==", "!=", ">", "<", "<=>", "~", "!~", ":", "::", ":x", "=x", ">5", ",", "..", "*", "**", "$", "#", "@", "&", "|", "^", "a\\b", "a.",
    "tokens>-1", "tokens>1e3", "tokens=0", "tokens>.5", "cost>-1", "cost<$1e-9", "duration>-1s", "duration>0ns", "last:-1h", "last:99999d", "start>1970-01-01", "duration:2s..1s", "tokens:5..1", "kind:LLM", "KIND:llm", "kind:(llm,tool)",
    "kind:(llm tool)", "model:(a,,b)", "model:(a or or b)", "model:(\"(\")", "trace:00000000000000000000000000000000", "span:0000000000000000", "kind=llm", "kind!=llm", "kind = llm",
    "within(parent: within(child: within(sibling: a)))", "within(session: within(trace: within(span: -a)))", "within( ROOT : a )", "within(trace:a or b)", "((((a))))", "(a)(b)", "(a)or(b)", "a or(b)", "not(a)", "-(-(-a))",
    "score.x>-1", "annotation.\"a b\":\"c d\"", "tag:\"a\nb\"", "user:\"\xe2\x80\xa8\"", "session:../../etc/passwd", "service:\"file:///x\"",
};

constexpr std::string_view kPhoenixRefused[] = {
    "‸span_kind", "span_kind ==‸", "span_kind == ‸==", "‸== 'x'", "name == ‸'x", "name == ‸\"x", "name ‸; drop", "name == 'x' ‸;", "name == 'x' ‸#c", "‸__import__('os')", "‸open('x')", "‸eval('1')", "‸exec('1') == 1", "name == 'x' ‸if True",
    "‸name.upper() == 'X'", "name == ‸b'x'", "name == ‸f'x'", "name == ‸r'x'", "name == ‸u'x'", "name == 'a' ‸'b'", "name == ‸1e999", "name == ‸0x10", "name == ‸1j", "name == ‸1_000", "name == ‸;",
    "‸name > 'x'", "‸name == 1", "‸latency_ms > '100'", "‸latency_ms == 'x'", "‸latency_ms == True", "‸latency_ms > None", "‸name is 'x'", "‸name is 1", "‸start_time > '2026-01-01'", "‸start_time > 5", "‸start_time == 'now'",
    "name in ‸['a', 1]", "name in ‸[None]", "name in ‸['a'", "name in [‸name]", "‸name in 'x'", "‸name in name", "‸1 in name", "‸latency_ms in ['1']", "‸'x' in latency_ms", "‸'x' in span_kind", "‸'x' in ['x']",
    "‸(name == 'x'", "name == 'x'‸)", "(‸)", "((‸", "name == (‸", "name['x'‸", "name[‸]", "metadata[‸x] == 1", "‸metadata == 1", "‸metadata.x.y['z'].w == 1", "attributes[['a' ‸== 1", "name. ‸== 1", "name‸.1 == 1", "‸annotations['x'].explanation > 'y'",
    "not‸", "name == 'x' and‸", "‸and name == 'x'", "name == 'x' or ‸or", "‸True", "‸None", "‸1", "‸'x'", "‸[1]", "‸True and name == 'x'", "name == 'x' and ‸latency_ms", "‸1 == 1", "‸'a' == 'a'", "‸parent_span == 'x'", "‸parent_span > 1",
    "latency_ms ‸** 2 > 1", "latency_ms ‸// 2 > 1", "latency_ms ‸| 1 > 1", "latency_ms ‸& 1 > 1", "latency_ms ‸^ 1 > 1", "latency_ms ‸<< 1 > 1", "latency_ms ‸>> 1 > 1", "‸~latency_ms > 1", "latency_ms ‸:= 1", "‸name + 1 > 2", "1 + ‸'a' > 2", "1 - ‸name == 1",
    "name == ‸'\\x0'", "‸any(s.x == 1 for s in spans)", "name == ‸'a\\", "name ‸= 'x'", "name ‸! 'x'", "name == 'x' ‸ü", "‸ü == 'x'", "name ‸@ 1", "‸$x == 1", "‸`x` == 1", "‸{} == 1", "‸a\xff",
};

constexpr std::string_view kPhoenixTaken[] = {
    "", " \n", "name == ''", "name == '\\''", "name == \"'; DROP TABLE spans; --\"", "attributes[\"a'b\"] == 'x'", "attributes['{q0:String}'] == '{q1:String}'", "__proto__ == 'x'", "constructor.prototype == 1", "events == 'x'", "typo == None",
    "1 < latency_ms < 2", "not not not name == 'x'", "((((name == 'x'))))", "name in []", "name in ('a',)", "name not in ['a']", "span_kind == 'NONSENSE'", "span_id == 'zz'",
    "'%_' in name", "'.*' in name", "'(' in input.value", "latency_ms > -1", "latency_ms > 1e300", "latency_ms / 0 > 1", "- - latency_ms > 1", "+1 < latency_ms", "float(float(x)) > 1", "x['a'][0]['b'] == 1", "annotations[\"it's\"]", "not annotations['x']", "parent_span is not None",
    "name == '日本🦉'", "status_code == 'error' or status_code == 'ERROR'",
};
// clang-format on

std::string Without(std::string_view marked) {
  std::string text(marked);
  if (const std::size_t at = text.find(kMark); at != std::string::npos) text.erase(at, kMark.size());
  return text;
}

template <typename ParseText>
void ExpectRefused(std::string_view marked, ParseText parse) {
  ASSERT_NE(marked.find(kMark), std::string_view::npos) << marked;
  const ParsedQuery parsed = parse(Without(marked));
  ASSERT_FALSE(parsed.mistakes.empty()) << marked;
  const Mistake& mistake = parsed.mistakes.front();
  EXPECT_EQ(mistake.range.begin, marked.find(kMark)) << marked << ": " << mistake.message;
  EXPECT_LE(mistake.range.begin, mistake.range.end) << marked;
  EXPECT_FALSE(mistake.message.empty());
}

template <typename ParseText>
void ExpectTaken(std::string_view text, ParseText parse, Grain grain) {
  const ParsedQuery parsed = parse(text);
  for (const Mistake& mistake : parsed.mistakes) ADD_FAILURE() << text << ": " << mistake.message;
  const Condition condition = Compile(parsed.expression, grain, {.project = "p'\"", .now = 1});
  for (const char odd : {'`', '$', '#', ';'}) EXPECT_EQ(condition.sql.find(odd), std::string::npos) << text;
  for (const std::string_view odd : {"--", "/*", "DROP", "p'"})
    EXPECT_EQ(condition.sql.find(odd), std::string::npos) << text;
}

TEST(HostileTexts, AreHundredsAndAllDifferent) {
  std::set<std::string> texts;
  for (const auto text : kRefused) texts.insert(Without(text));
  for (const auto text : kTaken) texts.emplace(text);
  EXPECT_GE(texts.size(), 300u);
  std::set<std::string> of_phoenix;
  for (const auto text : kPhoenixRefused) of_phoenix.insert(Without(text));
  for (const auto text : kPhoenixTaken) of_phoenix.emplace(text);
  EXPECT_GE(of_phoenix.size(), 120u);
}

TEST(HostileTexts, AreRefusedAtTheirPlace) {
  for (const auto text : kRefused) ExpectRefused(text, Parse);
}

TEST(HostileTexts, AreTextWhereTheyAreTaken) {
  for (const auto text : kTaken)
    for (const Grain grain : {Grain::kSpan, Grain::kTrace, Grain::kSession}) ExpectTaken(text, Parse, grain);
}

TEST(HostileTexts, OfPhoenixAreRefusedAtTheirPlace) {
  for (const auto text : kPhoenixRefused)
    ExpectRefused(text, [](std::string_view filter) { return ParsePhoenix(filter, Grain::kSpan); });
}

TEST(HostileTexts, OfPhoenixAreTextWhereTheyAreTaken) {
  for (const auto text : kPhoenixTaken)
    ExpectTaken(text, [](std::string_view filter) { return ParsePhoenix(filter, Grain::kSpan); }, Grain::kSpan);
}

constexpr std::string_view kTokens[] = {
    "any",
    "all",
    "len",
    "max",
    "sum",
    "min",
    "for",
    "in",
    "if",
    "not",
    "and",
    "or",
    "is",
    "None",
    "s",
    "t",
    "a",
    "spans",
    "traces",
    "s.name",
    "s.x",
    "t.spans",
    "s.children",
    "s.siblings",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "==",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "'x'",
    "1",
    "0.5",
    "name",
    "input",
    "retries",
    "num_spans",
    "latency_ms",
    "session_id",
    "annotations",
    "['x']",
    "a.label",
    "any(s.name == 'x' for s in spans)",
    "len([s for s in spans])",
    "span_annotations",
    "num_traces",
    "float(",
    "parent_span",
};

// Words and signs in any order: most are mistakes, and what is none is compiled.
TEST(HostileTexts, OfRandomTokensNeverBreakAnything) {
  std::mt19937 random(1);
  std::size_t taken = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text;
    for (std::size_t left = 1 + random() % 8; left > 0; --left) (text += kTokens[random() % std::size(kTokens)]) += ' ';
    for (const Grain grain : {Grain::kSpan, Grain::kTrace, Grain::kSession}) {
      const ParsedQuery parsed = ParsePhoenix(text, grain);
      for (const Mistake& mistake : parsed.mistakes) {
        EXPECT_LE(mistake.range.begin, mistake.range.end) << text;
        EXPECT_LE(mistake.range.begin, text.size()) << text;
      }
      if (!parsed.mistakes.empty()) continue;
      ++taken;
      EXPECT_FALSE(Compile(parsed.expression, grain, {.project = "p", .now = 1}).sql.empty()) << text;
    }
  }
  EXPECT_GT(taken, 100u);
}

}  // namespace
}  // namespace nightjar::query
