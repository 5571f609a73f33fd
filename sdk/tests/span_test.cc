#include "nightjar/span.h"

#include <regex>
#include <stdexcept>
#include <thread>

#include "nightjar/llm.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

using sdk_test::ReceivedSpan;
using sdk_test::Values;

class SpanTest : public sdk_test::TracingTest {};

TEST_F(SpanTest, IdsAndNesting) {
  Start();
  SpanContext outer_context;
  {
    const Span outer = tracer().StartActiveSpan("outer");
    outer_context = outer.context();
    EXPECT_EQ(CurrentContext().span_id, outer_context.span_id);
    {
      const Span inner = tracer().StartActiveSpan("inner");
      EXPECT_EQ(CurrentContext().span_id, inner.context().span_id);
    }
    const Span sibling = tracer().StartActiveSpan("sibling");
  }
  EXPECT_FALSE(CurrentContext().valid());
  const Span other = tracer().StartActiveSpan("other");
  EXPECT_EQ(Finish("outer").parent_span_id, "");

  const ReceivedSpan outer = Received("outer");
  EXPECT_EQ(outer.trace_id, outer_context.trace_id_hex());
  EXPECT_EQ(outer.span_id, outer_context.span_id_hex());
  EXPECT_TRUE(std::regex_match(outer.trace_id, std::regex("[0-9a-f]{32}")));
  EXPECT_TRUE(std::regex_match(outer.span_id, std::regex("[0-9a-f]{16}")));
  EXPECT_EQ(outer.kind, 1U);       // INTERNAL
  EXPECT_EQ(outer.flags, 0x103U);  // sampled, random id, parent not remote
  for (const char* name : {"inner", "sibling"}) {
    const ReceivedSpan child = Received(name);
    EXPECT_EQ(child.trace_id, outer.trace_id);
    EXPECT_EQ(child.parent_span_id, outer.span_id);
    EXPECT_NE(child.span_id, outer.span_id);
    EXPECT_GE(child.start_unix_ns, outer.start_unix_ns);
    EXPECT_LE(child.end_unix_ns, outer.end_unix_ns);
    EXPECT_LE(child.start_unix_ns, child.end_unix_ns);
  }
  EXPECT_NE(other.context().trace_id_hex(), outer.trace_id);
}

TEST_F(SpanTest, Attributes) {
  Start();
  {
    Span span = tracer().StartActiveSpan("work");
    span.SetAttribute("text", "value");
    span.SetAttribute("empty", "");
    span.SetAttribute("yes", true);
    span.SetAttribute("negative", -7);
    span.SetAttribute("large", std::int64_t{1} << 62);
    span.SetAttribute("real", 0.25);
    span.SetAttribute("list", std::vector<std::string>{"a", "", "c"});
    span.SetAttribute("no items", std::vector<std::string>{});
    span.SetAttribute("not utf-8", "a\xFFz");
  }
  const ReceivedSpan span = Finish("work");
  const Values expected = {{"text", std::string("value")},
                           {"empty", std::string()},
                           {"yes", true},
                           {"negative", std::int64_t{-7}},
                           {"large", std::int64_t{4611686018427387904}},
                           {"real", 0.25},
                           {"list", std::vector<std::string>{"a", "", "c"}},
                           {"no items", std::vector<std::string>{}},
                           {"not utf-8", std::string("a\xEF\xBF\xBDz")}};
  EXPECT_EQ(span.attributes, expected);
  EXPECT_EQ(span.attributes_dropped, 0U);
}

TEST_F(SpanTest, TheLastValueOfAKeyCounts) {
  Start();
  {
    Span span = tracer().StartActiveSpan("work");
    span.SetAttribute("a", 1);
    span.SetAttribute("key", "first");
    span.AddEvent("between");
    span.SetAttribute("b", std::string(300, 'x'));
    span.SetAttribute("key", "second and longer");
    span.SetAttribute("b", 2);
    span.SetAttribute("key", 3);
  }
  const ReceivedSpan span = Finish("work");
  const Values expected = {{"a", std::int64_t{1}}, {"b", std::int64_t{2}}, {"key", std::int64_t{3}}};
  EXPECT_EQ(span.attributes, expected);
  EXPECT_EQ(span.attributes_sent, 3U);
  ASSERT_EQ(span.events.size(), 1U);
}

TEST_F(SpanTest, EventsAndExceptions) {
  Start();
  {
    Span span = tracer().StartActiveSpan("work");
    span.AddEvent("cache miss", {{"key", "k1"}, {"tries", 2}});
    span.RecordException(std::out_of_range("no such chunk"));
  }
  const ReceivedSpan span = Finish("work");
  ASSERT_EQ(span.events.size(), 2U);
  EXPECT_EQ(span.events[0].name, "cache miss");
  EXPECT_EQ(span.events[0].attributes, (Values{{"key", std::string("k1")}, {"tries", std::int64_t{2}}}));
  EXPECT_GE(span.events[0].time_unix_ns, span.start_unix_ns);
  EXPECT_LE(span.events[1].time_unix_ns, span.end_unix_ns);
  EXPECT_EQ(span.events[1].name, "exception");
  EXPECT_EQ(span.events[1].attributes, (Values{{"exception.type", std::string("std::out_of_range")},
                                               {"exception.message", std::string("no such chunk")}}));
  EXPECT_EQ(span.status, 0U);  // RecordException leaves it alone
}

TEST_F(SpanTest, Status) {
  Start();
  {
    Span error = tracer().StartActiveSpan("error");
    error.SetStatus(SpanStatus::kError, "first");
    error.SetStatus(SpanStatus::kUnset);
    Span ok = tracer().StartActiveSpan("ok");
    ok.SetStatus(SpanStatus::kError, "not final");
    ok.SetStatus(SpanStatus::kOk, "descriptions are for errors");
    ok.SetStatus(SpanStatus::kError, "too late");
  }
  const ReceivedSpan error = Finish("error");
  EXPECT_EQ(error.status, 2U);
  EXPECT_EQ(error.status_message, "first");
  const ReceivedSpan ok = Received("ok");
  EXPECT_EQ(ok.status, 1U);
  EXPECT_EQ(ok.status_message, "");
}

TEST_F(SpanTest, AnExceptionThatLeavesTheScopeIsAnError) {
  Start();
  try {
    Span outer = tracer().StartActiveSpan("outer");
    Span decided = tracer().StartActiveSpan("decided");
    decided.SetStatus(SpanStatus::kOk);
    Span traced = tracer().StartActiveSpan("traced");
    Traced(traced, []() -> int { throw std::runtime_error("boom"); });
  } catch (const std::runtime_error&) {
  }
  try {
    throw std::runtime_error("handled");
  } catch (const std::runtime_error&) {
    Span calm = tracer().StartActiveSpan("calm");  // ends while an exception is handled, not because of it
  }
  const ReceivedSpan traced = Finish("traced");
  EXPECT_EQ(traced.status, 2U);
  EXPECT_EQ(traced.status_message, "boom");
  ASSERT_EQ(traced.events.size(), 1U);
  EXPECT_EQ(traced.events[0].attributes.at("exception.type"), sdk_test::Value("std::runtime_error"));
  EXPECT_EQ(Received("outer").status, 2U);
  EXPECT_TRUE(Received("outer").events.empty());
  EXPECT_EQ(Received("decided").status, 1U);
  EXPECT_EQ(Received("calm").status, 0U);
}

TEST_F(SpanTest, TracedReturnsWhatTheWorkReturns) {
  Start();
  Span span = tracer().StartActiveSpan("work");
  int number = 41;
  int& same = Traced(span, [&]() -> int& { return ++number; });
  EXPECT_EQ(&same, &number);
  EXPECT_EQ(number, 42);
}

TEST_F(SpanTest, Limits) {
  SetVariable("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2");
  SetVariable("OTEL_SPAN_EVENT_COUNT_LIMIT", "1");
  SetVariable("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1");
  SetVariable("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3");
  Start();
  {
    Span span = tracer().StartActiveSpan("a long name stays whole");
    span.SetAttribute("a", "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
    span.SetAttribute("b", std::vector<std::string>{"abcdef"});
    span.SetAttribute("c", 3);
    span.SetAttribute("d", 4);
    span.SetAttribute("b", "again");  // replaces: not one more
    span.SetAttribute("", "no key");
    span.AddEvent("first", {{"x", "abcdef"}, {"y", 2}, {"z", 3}});
    span.AddEvent("second");
  }
  const ReceivedSpan span = Finish("a long name stays whole");
  EXPECT_EQ(span.attributes, (Values{{"a", std::string("\xC3\xA9\xC3\xA9\xC3\xA9")}, {"b", std::string("aga")}}));
  EXPECT_EQ(span.attributes_dropped, 3U);
  ASSERT_EQ(span.events.size(), 1U);
  EXPECT_EQ(span.events[0].attributes, (Values{{"x", std::string("abc")}}));
  EXPECT_EQ(span.events[0].attributes_dropped, 2U);
  EXPECT_EQ(span.events_dropped, 1U);
}

TEST_F(SpanTest, The129thAttributeIsDropped) {
  Start();
  {
    Span span = tracer().StartActiveSpan("work");
    for (int i = 0; i < 130; ++i) span.SetAttribute("key" + std::to_string(i), i);
  }
  const ReceivedSpan span = Finish("work");
  EXPECT_EQ(span.attributes.size(), 128U);
  EXPECT_EQ(span.attributes_dropped, 2U);
}

TEST_F(SpanTest, ChildrenOnOtherThreads) {
  Start();
  {
    const Span root = tracer().StartActiveSpan("root");
    std::thread([context = Context::Current()] {
      const Span child = tracer().StartActiveSpan("child", {.parent = &context});
      const Span grandchild = tracer().StartActiveSpan("grandchild");
    }).join();
    std::thread([] { const Span stranger = tracer().StartActiveSpan("stranger"); }).join();
  }
  const ReceivedSpan root = Finish("root");
  EXPECT_EQ(Received("child").trace_id, root.trace_id);
  EXPECT_EQ(Received("child").parent_span_id, root.span_id);
  EXPECT_EQ(Received("grandchild").parent_span_id, Received("child").span_id);
  EXPECT_EQ(Received("stranger").parent_span_id, "");
}

TEST_F(SpanTest, AnInvalidParentStartsATrace) {
  Start();
  {
    const Span outer = tracer().StartActiveSpan("outer");
    const Context none;
    const Span root = tracer().StartActiveSpan("root", {.parent = &none});
  }
  EXPECT_EQ(Finish("root").parent_span_id, "");
  EXPECT_NE(Received("root").trace_id, Received("outer").trace_id);
}

TEST_F(SpanTest, EndsOnAnotherThread) {
  Start();
  Span moved = tracer().StartActiveSpan("moved");
  std::thread([span = std::move(moved)]() mutable { span.End(); }).join();
  {
    const Span next = tracer().StartActiveSpan("next");
  }  // the ended span is nobody's parent
  Span from_dead_thread;
  std::thread([&] { from_dead_thread = tracer().StartActiveSpan("from dead thread"); }).join();
  from_dead_thread.SetAttribute("still", "usable");
  from_dead_thread.End();
  EXPECT_EQ(Finish("next").parent_span_id, "");
  EXPECT_EQ(Received("moved").parent_span_id, "");
  EXPECT_EQ(Received("from dead thread").attributes.size(), 1U);
  EXPECT_EQ(tracing_stats().live, 0U);  // a thread that only ends spans counts too
}

TEST_F(SpanTest, EndsInAnyOrder) {
  Start();
  Span outer = tracer().StartActiveSpan("outer");
  Span inner = tracer().StartActiveSpan("inner");
  outer.End();
  outer.SetAttribute("after", "the end");
  outer.End();
  EXPECT_FALSE(outer.recording());
  EXPECT_FALSE(outer.context().valid());
  Span innermost = tracer().StartActiveSpan("innermost");
  inner = Span();  // assignment ends what was there
  innermost.End();
  EXPECT_TRUE(Finish("outer").attributes.empty());
  EXPECT_EQ(Received("innermost").parent_span_id, Received("inner").span_id);
  EXPECT_EQ(Received("inner").parent_span_id, Received("outer").span_id);
}

TEST_F(SpanTest, NothingIsSampled) {
  SetVariable("OTEL_TRACES_SAMPLER", "parentbased_always_off");
  Start();
  {
    Span root = tracer().StartActiveSpan("root");
    EXPECT_FALSE(root.recording());
    EXPECT_TRUE(root.context().valid());
    EXPECT_FALSE(root.context().sampled);
    const Span child = tracer().StartActiveSpan("child");
    EXPECT_FALSE(child.recording());
    EXPECT_EQ(child.context().trace_id, root.context().trace_id);
    EXPECT_NE(child.context().span_id, root.context().span_id);
    root.SetAttribute("ignored", 1);
    root.AddEvent("ignored");
    root.SetStatus(SpanStatus::kError);

    SpanContext kept = root.context();
    kept.sampled = true;  // another part decided otherwise: the parent counts
    const Scope scope(kept);
    const Span other = tracer().StartActiveSpan("kept");
    EXPECT_TRUE(other.recording());
    const Span below = tracer().StartActiveSpan("below");
    EXPECT_TRUE(below.recording());
  }
  ShutdownTracing();
  EXPECT_EQ(sink_.spans().size(), 2U);
}

TEST_F(SpanTest, ARatioKeepsTracesByTheirIdAndSaysSo) {
  SetVariable("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
  SetVariable("OTEL_TRACES_SAMPLER_ARG", "0.25");
  Start();
  int kept = 0;
  for (int i = 0; i < 1000; ++i) {
    const Span span = tracer().StartActiveSpan("work");
    // 2^56 * 0.75 = 0xC0000000000000: the first of the last seven bytes decides.
    EXPECT_EQ(span.recording(), span.context().trace_id[9] >= 0xC0);
    kept += span.recording() ? 1 : 0;
  }
  ShutdownTracing();
  const std::vector<ReceivedSpan> spans = sink_.spans();
  EXPECT_EQ(spans.size(), static_cast<std::size_t>(kept));
  EXPECT_GT(kept, 100);  // 250 expected, 13.7 is a standard deviation
  EXPECT_LT(kept, 400);
  for (const ReceivedSpan& span : spans) EXPECT_EQ(span.trace_state, "ot=th:c");
}

}  // namespace
}  // namespace nightjar
