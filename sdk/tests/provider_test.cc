// Providers, processors and exporters as the specification's "Tracing SDK" has them.
#include "nightjar/provider.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

namespace nightjar {
namespace {

using std::chrono::milliseconds;

// Keeps what it is given.
struct Memory {
  std::mutex mutex;
  std::vector<SpanRecord> spans;
  std::vector<std::string> scopes;
  int exporting = 0;
  int cancelled = 0;
  bool overlapped = false;
};

class MemoryExporter final : public SpanExporter {
 public:
  explicit MemoryExporter(Memory& memory) : memory_(memory) {}
  ExportResult Export(const SpanBatch& batch) override {
    {
      const std::lock_guard lock(memory_.mutex);
      if (++memory_.exporting > 1) memory_.overlapped = true;
    }
    std::this_thread::yield();
    const std::lock_guard lock(memory_.mutex);
    for (const ReadableSpan& span : batch.spans()) {
      memory_.spans.push_back(span.Read());
      memory_.scopes.push_back(span.scope_name());
    }
    --memory_.exporting;
    return {.exported = batch.count()};
  }
  void Cancel() noexcept override { ++memory_.cancelled; }

 private:
  Memory& memory_;
};

SpanProcessorPtr Simple(Memory& memory) { return SimpleSpanProcessor(std::make_unique<MemoryExporter>(memory)); }

OwnedValue Text(const char* text) { return {std::string(text)}; }

const OwnedValue* Find(const OwnedAttributes& attributes, std::string_view key) {
  for (const auto& [name, value] : attributes) {
    if (name == key) return &value;
  }
  return nullptr;
}

TEST(Provider, ASpanWithEverything) {
  Memory memory;
  TracerProvider& provider = TracerProvider::Create({.processors = {Simple(memory)}});
  Tracer tracer = provider.tracer({.name = "library", .version = "1.2"});
  SpanContext other;
  other.trace_id.fill(0xAB);
  other.span_id.fill(0xCD);
  other.sampled = other.remote = true;
  other.trace_state = *TraceState::Parse("v=1");
  const Context remote = Context().WithSpan(other);
  const Link links[] = {{other, {{"why", "queued"}}}};
  const SystemTime start{std::chrono::nanoseconds(1'700'000'000'000'000'001)};
  const SystemTime middle = start + std::chrono::nanoseconds(5);
  const SystemTime end = start + std::chrono::nanoseconds(9);
  {
    Span span = tracer.StartSpan("first name", {.kind = SpanKind::kServer,
                                                .parent = &remote,
                                                .attributes = {{"early", true}},
                                                .links = links,
                                                .start = start});
    span.SetAttribute("integers", std::vector<std::int64_t>{1, -2});
    span.SetAttribute("reals", std::vector<double>{0.5});
    const bool flags[] = {true, false};
    span.SetAttribute("flags", std::span<const bool>(flags));
    const std::byte bytes[] = {std::byte{0x00}, std::byte{0xFF}};
    span.SetAttribute("bytes", std::span<const std::byte>(bytes));
    const AttributeValue mixed[] = {1, "two", std::monostate()};
    span.SetAttribute("mixed", AttributeList(mixed));
    span.SetAttribute("map", AttributeMap{{"a", 1}, {"b", AttributeMap{{"c", "d"}}}});
    span.AddEvent("event", {{"n", 1}}, middle);
    span.AddLink(other);
    span.UpdateName("a name that is rather longer than the first");
    span.SetAttribute("early", false);
    span.End(end);
  }
  ASSERT_EQ(memory.spans.size(), 1U);
  const SpanRecord& span = memory.spans[0];
  EXPECT_EQ(memory.scopes[0], "library");
  EXPECT_EQ(span.name, "a name that is rather longer than the first");
  EXPECT_EQ(span.kind, SpanKind::kServer);
  EXPECT_EQ(span.context.trace_id, other.trace_id);
  EXPECT_EQ(span.parent_span_id, other.span_id);
  EXPECT_TRUE(span.parent_remote);
  EXPECT_EQ(span.context.trace_state.header(), "v=1");
  EXPECT_EQ(span.start_unix_ns, 1'700'000'000'000'000'001U);
  EXPECT_EQ(span.end_unix_ns, 1'700'000'000'000'000'010U);
  using List = std::vector<OwnedValue>;
  EXPECT_EQ(*Find(span.attributes, "integers"), (OwnedValue{List{{std::int64_t{1}}, {std::int64_t{-2}}}}));
  EXPECT_EQ(*Find(span.attributes, "reals"), (OwnedValue{List{{0.5}}}));
  EXPECT_EQ(*Find(span.attributes, "flags"), (OwnedValue{List{{true}, {false}}}));
  EXPECT_EQ(*Find(span.attributes, "bytes"), (OwnedValue{std::vector<std::byte>{std::byte{0x00}, std::byte{0xFF}}}));
  EXPECT_EQ(*Find(span.attributes, "mixed"), (OwnedValue{List{{std::int64_t{1}}, Text("two"), {}}}));
  EXPECT_EQ(*Find(span.attributes, "map"),
            (OwnedValue{OwnedAttributes{{"a", {std::int64_t{1}}}, {"b", {OwnedAttributes{{"c", Text("d")}}}}}}));
  EXPECT_EQ(*Find(span.attributes, "early"), (OwnedValue{false}));
  EXPECT_EQ(span.attributes.size(), 7U);
  ASSERT_EQ(span.events.size(), 1U);
  EXPECT_EQ(span.events[0].time_unix_ns, 1'700'000'000'000'000'006U);
  ASSERT_EQ(span.links.size(), 2U);
  EXPECT_EQ(span.links[0].context.span_id, other.span_id);
  EXPECT_TRUE(span.links[0].context.remote);
  EXPECT_EQ(*Find(span.links[0].attributes, "why"), Text("queued"));
}

TEST(Provider, Limits) {
  Memory memory;
  TracerProvider& provider = TracerProvider::Create({.limits = {.attributes_max = 4,
                                                                .events_max = 1,
                                                                .links_max = 1,
                                                                .event_attributes_max = 1,
                                                                .link_attributes_max = 1,
                                                                .value_length_max = 2,
                                                                .value_depth_max = 2},
                                                     .processors = {Simple(memory)}});
  SpanContext other;
  other.trace_id.fill(1);
  other.span_id.fill(1);
  {
    Span span = provider.tracer().StartSpan("work");
    span.SetAttribute("text", "\xC3\xA9\xC3\xA9\xC3\xA9");
    const std::byte bytes[3] = {};
    span.SetAttribute("bytes", std::span<const std::byte>(bytes));
    span.SetAttribute("nested",
                      AttributeMap{{"two", AttributeMap{{"three", AttributeMap{{"four", 4}}}}}, {"t", "abc"}});
    span.SetAttribute("list", std::vector<std::string>{"abc", "d"});
    span.SetAttribute("fifth", 5);
    span.AddEvent("kept", {{"a", 1}, {"b", 2}});
    span.AddEvent("dropped");
    span.AddLink(other, {{"a", 1}, {"b", 2}});
    span.AddLink(other);
    span.AddLink(SpanContext{});  // invalid and empty: ignored
  }
  const SpanRecord& span = memory.spans.at(0);
  EXPECT_EQ(*Find(span.attributes, "text"), Text("\xC3\xA9\xC3\xA9"));  // characters, not bytes
  EXPECT_EQ(*Find(span.attributes, "bytes"), (OwnedValue{std::vector<std::byte>(2)}));
  // The third level is too deep: the empty value.
  EXPECT_EQ(*Find(span.attributes, "nested"),
            (OwnedValue{OwnedAttributes{{"two", {OwnedAttributes{{"three", {}}}}}, {"t", Text("ab")}}}));
  EXPECT_EQ(*Find(span.attributes, "list"), (OwnedValue{std::vector<OwnedValue>{Text("ab"), Text("d")}}));
  EXPECT_EQ(span.attributes_dropped, 1U);
  EXPECT_EQ(span.events.size(), 1U);
  EXPECT_EQ(span.events_dropped, 1U);
  EXPECT_EQ(span.events[0].attributes_dropped, 1U);
  EXPECT_EQ(span.links.size(), 1U);
  EXPECT_EQ(span.links_dropped, 1U);
  EXPECT_EQ(span.links[0].attributes_dropped, 1U);
}

// Keeps what a finished span says of the program it comes from.
class Origin final : public SpanProcessor {
 public:
  explicit Origin(OwnedAttributes& resource) : resource_(resource) {}
  void OnEnd(const ReadableSpan& span) noexcept override { resource_ = span.resource(); }
  FlushStatus ForceFlush(milliseconds /*timeout*/) noexcept override { return FlushStatus::kFlushed; }
  FlushStatus Shutdown(milliseconds /*timeout*/) noexcept override { return FlushStatus::kFlushed; }

 private:
  OwnedAttributes& resource_;
};

TEST(Provider, Resource) {
  const auto resource_of = [](OwnedAttributes attributes) {
    OwnedAttributes resource;
    TracerProvider& provider =
        TracerProvider::Create({.resource = std::move(attributes), .processors = {std::make_shared<Origin>(resource)}});
    provider.tracer().StartSpan("work").End();
    return resource;
  };
  EXPECT_EQ(resource_of({}), (OwnedAttributes{{"telemetry.sdk.language", Text("cpp")},
                                              {"telemetry.sdk.name", Text("nightjar")},
                                              {"telemetry.sdk.version", Text("0.1.0")}}));
  EXPECT_EQ(*Find(resource_of({{"team", Text("search")}}), "team"), Text("search"));
}

TEST(Provider, AttributesKeepTheirOrder) {
  Memory memory;
  TracerProvider& provider = TracerProvider::Create({.processors = {Simple(memory)}});
  {
    Span span = provider.tracer().StartSpan("work", {.attributes = {{"z", 1}, {"m", 2}}});
    span.SetAttribute("a", 3);
    span.AddEvent("between");
    span.SetAttribute("y", 4);
    span.SetAttribute("m", 5);  // set again: moves to the end
    span.AddEvent("last");
  }
  const SpanRecord& span = memory.spans.at(0);
  EXPECT_EQ(
      span.attributes,
      (OwnedAttributes{
          {"z", {std::int64_t{1}}}, {"a", {std::int64_t{3}}}, {"y", {std::int64_t{4}}}, {"m", {std::int64_t{5}}}}));
  EXPECT_EQ(span.events.at(0).name, "between");
  EXPECT_EQ(span.events.at(1).name, "last");
}

TEST(Provider, ASpanHas32MebibytesAtMost) {
  Memory memory;
  TracerProvider& provider = TracerProvider::Create({.processors = {Simple(memory)}});
  SpanContext other;
  other.trace_id.fill(1);
  other.span_id.fill(1);
  const std::string half(16 << 20, 'x');
  {
    Span span = provider.tracer().StartSpan("work");
    span.SetAttribute("first", half);
    span.SetAttribute("second", half);  // with the rest a little too much
    span.AddEvent("event", {{"text", half}});
    span.AddLink(other, {{"text", half}});
    span.SetAttribute("small", 1);
  }
  const SpanRecord& span = memory.spans.at(0);
  EXPECT_EQ(span.attributes.size(), 2U);
  EXPECT_EQ(span.attributes_dropped, 1U);
  EXPECT_EQ(span.events_dropped, 1U);
  EXPECT_EQ(span.links_dropped, 1U);
  EXPECT_EQ(*Find(span.attributes, "small"), (OwnedValue{std::int64_t{1}}));
}

// Writes down which callbacks came, in their order.
class Recorder final : public SpanProcessor {
 public:
  Recorder(std::string name, std::vector<std::string>& calls) : name_(std::move(name)), calls_(calls) {}
  void OnStart(Span& span, const Context& parent) noexcept override {
    calls_.push_back(name_ + " start" + (parent.span().valid() ? " with parent" : ""));
    span.SetAttribute("at start", name_);
  }
  void OnEnding(Span& span) noexcept override {
    calls_.push_back(name_ + " ending");
    span.SetAttribute("at ending", name_);
    span.End();  // has ended already: nothing happens
  }
  void OnEnd(const ReadableSpan& span) noexcept override {
    calls_.push_back(name_ + " end " + span.Read().name + (span.sampled() ? "" : " not sampled"));
  }
  FlushStatus ForceFlush(milliseconds /*timeout*/) noexcept override {
    calls_.push_back(name_ + " flush");
    return FlushStatus::kFlushed;
  }
  FlushStatus Shutdown(milliseconds /*timeout*/) noexcept override {
    calls_.push_back(name_ + " shutdown");
    return FlushStatus::kFlushed;
  }

 private:
  const std::string name_;
  std::vector<std::string>& calls_;
};

TEST(Processors, AreCalledInOrderAndMayChangeTheSpan) {
  std::vector<std::string> calls;
  Memory memory;
  TracerProvider& provider = TracerProvider::Create(
      {.processors = {std::make_shared<Recorder>("a", calls), std::make_shared<Recorder>("b", calls), Simple(memory)}});
  Tracer tracer = provider.tracer();
  {
    const Span outer = tracer.StartActiveSpan("outer");
    const Span inner = tracer.StartActiveSpan("inner");
  }
  EXPECT_EQ(provider.ForceFlush(), FlushStatus::kFlushed);
  EXPECT_EQ(provider.Shutdown(), FlushStatus::kFlushed);
  EXPECT_EQ(provider.Shutdown(), FlushStatus::kFailed);  // once only
  EXPECT_EQ(calls,
            (std::vector<std::string>{"a start", "b start", "a start with parent", "b start with parent", "a ending",
                                      "b ending", "a end inner", "b end inner", "a ending", "b ending", "a end outer",
                                      "b end outer", "a flush", "b flush", "a shutdown", "b shutdown"}));
  EXPECT_EQ(*Find(memory.spans.at(0).attributes, "at start"), Text("b"));
  EXPECT_EQ(*Find(memory.spans.at(0).attributes, "at ending"), Text("b"));
}

// The specification's table of IsRecording and Sampled.
TEST(Processors, WhatIsRecordedOnlyIsNotExported) {
  struct Case {
    SamplerPtr sampler;
    bool recording;
    bool sampled;
    std::size_t seen;
    std::size_t exported;
  };
  for (const Case& c : std::initializer_list<Case>{{AlwaysOnSampler(), true, true, 1, 1},
                                                   {AlwaysRecordSampler(AlwaysOffSampler()), true, false, 1, 0},
                                                   {AlwaysOffSampler(), false, false, 0, 0}}) {
    std::vector<std::string> calls;
    Memory simple;
    Memory batch;
    TracerProvider& provider = TracerProvider::Create(
        {.sampler = c.sampler,
         .processors = {std::make_shared<Recorder>("p", calls), Simple(simple),
                        BatchSpanProcessor([&] { return std::make_unique<MemoryExporter>(batch); })}});
    {
      const Span span = provider.tracer().StartSpan("work");
      EXPECT_EQ(span.recording(), c.recording);
      EXPECT_EQ(span.context().sampled, c.sampled);
      EXPECT_TRUE(span.context().valid());  // a new span id even for spans that are dropped
    }
    provider.Shutdown();
    EXPECT_EQ(std::ranges::count_if(calls, [](const std::string& call) { return call.starts_with("p end "); }),
              static_cast<std::ptrdiff_t>(c.seen));
    EXPECT_EQ(simple.spans.size(), c.exported);
    EXPECT_EQ(batch.spans.size(), c.exported);
  }
}

TEST(Processors, ExportIsNeverConcurrent) {
  for (const bool batched : {false, true}) {
    Memory memory;
    TracerProvider& provider = TracerProvider::Create(
        {.processors = {batched ? BatchSpanProcessor([&] { return std::make_unique<MemoryExporter>(memory); },
                                                     {.batch_spans_max = 4})
                                : Simple(memory)}});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&provider, tracer = provider.tracer()]() mutable {
        for (int i = 0; i < 200; ++i) {
          tracer.StartSpan("work").End();
          if (i % 10 != 0) continue;
          EXPECT_EQ(provider.ForceFlush(std::chrono::seconds(60)), FlushStatus::kFlushed);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(provider.Shutdown(std::chrono::seconds(60)), FlushStatus::kFlushed);
    EXPECT_EQ(memory.spans.size(), 800U) << batched;
    EXPECT_FALSE(memory.overlapped) << batched;
  }
}

TEST(Processors, ABatchHasTheSpansOfSeveralScopes) {
  Memory memory;
  TracerProvider& provider = TracerProvider::Create(
      {.processors = {BatchSpanProcessor([&] { return std::make_unique<MemoryExporter>(memory); })}});
  provider.tracer({.name = "a"}).StartSpan("1").End();
  provider.tracer({.name = "b"}).StartSpan("2").End();
  provider.tracer({.name = "a"}).StartSpan("3").End();
  EXPECT_EQ(provider.ForceFlush(), FlushStatus::kFlushed);
  provider.tracer({.name = "b"}).StartSpan("4").End();
  provider.Shutdown();
  EXPECT_EQ(memory.scopes, (std::vector<std::string>{"a", "a", "b", "b"}));
}

class ThrowingExporter final : public SpanExporter {
 public:
  ExportResult Export(const SpanBatch& /*batch*/) override { throw std::runtime_error("no disk"); }
  void Cancel() noexcept override {}
};

TEST(Processors, AnExporterThatThrowsFailsItsBatchOnly) {
  TracerProvider& provider =
      TracerProvider::Create({.processors = {BatchSpanProcessor([] { return std::make_unique<ThrowingExporter>(); }),
                                             SimpleSpanProcessor(std::make_unique<ThrowingExporter>())}});
  provider.tracer().StartSpan("work").End();
  EXPECT_EQ(provider.ForceFlush(), FlushStatus::kFailed);
  EXPECT_EQ(provider.Shutdown(), FlushStatus::kFlushed);
}

// Does not come back, as with a collector that never answers, until it is told to.
class StuckExporter final : public SpanExporter {
 public:
  explicit StuckExporter(std::latch& entered) : entered_(entered) {}
  ExportResult Export(const SpanBatch& batch) override {
    entered_.count_down();
    cancelled_.wait(false);
    return {.failed = batch.count(), .error = "told to stop"};
  }
  void Cancel() noexcept override {
    cancelled_ = true;
    cancelled_.notify_all();
  }

 private:
  std::latch& entered_;
  std::atomic<bool> cancelled_{false};
};

TEST(Processors, DoNotWaitLongerThanTheyMayForAnExporter) {
  for (const bool batched : {false, true}) {
    std::latch entered(1);
    const auto stuck = [&] { return std::make_unique<StuckExporter>(entered); };
    TracerProvider& provider = TracerProvider::Create(
        {.processors = {batched ? BatchSpanProcessor(stuck, {.batch_spans_max = 1}) : SimpleSpanProcessor(stuck())}});
    std::thread program([tracer = provider.tracer()]() mutable { tracer.StartSpan("work").End(); });
    entered.wait();
    EXPECT_EQ(provider.ForceFlush(milliseconds(1)), FlushStatus::kTimedOut) << batched;
    EXPECT_EQ(provider.Shutdown(milliseconds(1)), FlushStatus::kTimedOut) << batched;
    program.join();
  }
}

TEST(Processors, AnExporterIsToldOnceOfTheShutdown) {
  for (const bool batched : {false, true}) {
    Memory memory;
    const SpanProcessorPtr processor =
        batched ? BatchSpanProcessor([&] { return std::make_unique<MemoryExporter>(memory); }) : Simple(memory);
    EXPECT_EQ(processor->ForceFlush(milliseconds(60'000)), FlushStatus::kFlushed);
    EXPECT_EQ(memory.cancelled, 0);
    EXPECT_EQ(processor->Shutdown(milliseconds(60'000)), FlushStatus::kFlushed);
    EXPECT_EQ(processor->Shutdown(milliseconds(60'000)), FlushStatus::kFlushed);
    EXPECT_EQ(memory.cancelled, 1) << batched;
  }
}

class FixedIds final : public IdGenerator {
 public:
  TraceId NewTraceId() noexcept override { return TraceId{7}; }
  SpanId NewSpanId() noexcept override { return SpanId{9}; }
  [[nodiscard]] bool random() const noexcept override { return false; }
};

TEST(Provider, IdGenerator) {
  TracerProvider& provider = TracerProvider::Create({.id_generator = std::make_shared<FixedIds>()});
  const SpanContext context = provider.tracer().StartSpan("work").context();
  EXPECT_EQ(context.trace_id_hex(), "07000000000000000000000000000000");
  EXPECT_EQ(context.span_id_hex(), "0900000000000000");
  EXPECT_FALSE(context.random);
}

class AttributeSampler final : public Sampler {
 public:
  [[nodiscard]] SamplingResult ShouldSample(const SamplingParameters& parameters) const override {
    if (parameters.name == "throws") throw std::runtime_error("sampler");
    return {.decision = parameters.attributes.size() > 0 ? SamplingDecision::kRecordAndSample : SamplingDecision::kDrop,
            .attributes = {{"rule", {std::int64_t{3}}}},
            .trace_state = TraceState().With("mine", std::string(parameters.name))};
  }
  [[nodiscard]] std::string description() const override { return "AttributeSampler"; }
};

TEST(Provider, ASamplerSeesAttributesAndAddsSome) {
  Memory memory;
  TracerProvider& provider =
      TracerProvider::Create({.sampler = std::make_shared<AttributeSampler>(), .processors = {Simple(memory)}});
  Tracer tracer = provider.tracer();
  tracer.StartSpan("kept", {.attributes = {{"a", 1}}}).End();
  EXPECT_FALSE(tracer.StartSpan("dropped").recording());
  EXPECT_FALSE(tracer.StartSpan("throws").recording());
  ASSERT_EQ(memory.spans.size(), 1U);
  EXPECT_EQ(*Find(memory.spans[0].attributes, "rule"), (OwnedValue{std::int64_t{3}}));
  EXPECT_EQ(memory.spans[0].context.trace_state.header(), "mine=kept");
}

TEST(Provider, TracersAfterShutdownRecordNothing) {
  TracerProvider& provider = TracerProvider::Create({});
  Tracer before = provider.tracer({.name = "x"});
  EXPECT_TRUE(before.enabled());
  Span running = before.StartSpan("running");
  provider.Shutdown();
  EXPECT_FALSE(before.enabled());
  EXPECT_FALSE(before.StartSpan("work").context().valid());
  EXPECT_FALSE(provider.tracer({.name = "x"}).enabled());
  EXPECT_FALSE(Tracer().enabled());
  running.SetAttribute("still", "safe");
}

}  // namespace
}  // namespace nightjar
