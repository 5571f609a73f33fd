#include "selfcheck/seeded_traces.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <utility>

namespace nightjar::selfcheck {
namespace {

constexpr UnixNanos kMillisecond = 1'000'000;
constexpr std::size_t kTracesPerRequest = 4;
constexpr std::array kWords = {"model",      "answer",      "naïve",       "tool",      "日本語",
                               "\"quoted\"", "back\\slash", "line\nbreak", "tab\there", "\xf0\x9f\xa6\x89",
                               "price",      "order",       "<b>tag</b>",  "x"};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  model::SpanBatch Trace(UnixNanos end) {
    batch_ = {};
    batch_.resources.push_back({.attributes = {{"service.name", "selfcheck-agent"}, {"service.version", "1.0"}}});
    batch_.scopes.push_back({.name = "nightjar.selfcheck"});
    FillRandom(trace_id_.bytes);
    mark_ = fmt::format("mark{:016x}", random_());
    prompt_ = Text(400) + mark_;  // sent again with every call of the trace
    start_ = end - (1'000 + Below(4'000)) * kMillisecond;

    model::Span root = NewSpan("agent.run", SpanId());
    root.kind = model::SpanKind::kServer;
    root.end_unix_ns = end;
    root.attributes = {{"openinference.span.kind", "AGENT"},
                       {"input.value", Text(80)},
                       {"session.id", fmt::format("session-{}", Below(5))},
                       {"user.id", fmt::format("user-{}", Below(5))}};
    AddOddAttributes(root.attributes);
    const SpanId root_id = root.span_id;
    batch_.spans.push_back(std::move(root));
    const std::uint64_t steps = 1 + Below(4);
    for (std::uint64_t step = 0; step < steps; ++step) AddStep(root_id);
    return std::move(batch_);
  }

  // Of the last one.
  [[nodiscard]] const std::string& mark() const { return mark_; }

 private:
  template <std::size_t kBytes>
  void FillRandom(std::array<std::uint8_t, kBytes>& bytes) {
    for (std::size_t at = 0; at < kBytes; at += 8) {
      const std::uint64_t number = random_() | 1;  // an id of zeros is invalid
      std::memcpy(bytes.data() + at, &number, sizeof number);
    }
  }

  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }

  std::string Text(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      text += kWords[Below(kWords.size())];
      text += ' ';
    }
    return text;
  }

  model::Span NewSpan(std::string name, const SpanId& parent) {
    model::Span span;
    span.trace_id = trace_id_;
    FillRandom(span.span_id.bytes);
    span.parent_span_id = parent;
    span.name = std::move(name);
    span.kind = model::SpanKind::kInternal;
    span.start_unix_ns = start_ + Below(900) * kMillisecond + Below(kMillisecond);
    span.end_unix_ns = span.start_unix_ns + Below(100) * kMillisecond;
    return span;
  }

  // Every type of value, and numbers that a double cannot hold.
  void AddOddAttributes(model::Attributes& to) {
    to.push_back({"check.integer", static_cast<std::int64_t>(random_())});
    to.push_back({"check.number", static_cast<double>(Below(1'000'000)) / 64.0});
    to.push_back({"check.flag", Below(2) == 1});
    to.push_back({"check.long_text", Text(3'000)});
    to.push_back({"check.list", model::Array{std::string("a"), static_cast<std::int64_t>(Below(9)), true}});
    to.push_back({"check.empty_text", ""});
    to.push_back({"check.mark", mark_});
  }

  // A plan span with one model call and perhaps a tool below it.
  void AddStep(const SpanId& root) {
    model::Span plan = NewSpan("plan", root);
    plan.attributes = {{"openinference.span.kind", "CHAIN"}, {"output.value", Text(40)}};
    model::Span call = NewSpan("chat", plan.span_id);
    call.kind = model::SpanKind::kClient;
    const auto prompt = static_cast<std::int64_t>(Below(5'000)), completion = static_cast<std::int64_t>(Below(900));
    call.attributes = {{"openinference.span.kind", "LLM"},
                       {"llm.model_name", "selfcheck-model"},
                       {"llm.input_messages.0.message.role", "system"},
                       {"llm.input_messages.0.message.content", prompt_},
                       {"llm.output_messages.0.message.role", "assistant"},
                       {"llm.output_messages.0.message.content", Text(200)},
                       {"llm.token_count.prompt", prompt},
                       {"llm.token_count.completion", completion},
                       {"llm.token_count.total", prompt + completion}};
    const SpanId plan_id = plan.span_id;
    batch_.spans.push_back(std::move(plan));
    batch_.spans.push_back(std::move(call));
    if (Below(2) == 0) AddTool(plan_id);
  }

  void AddTool(const SpanId& parent) {
    model::Span tool = NewSpan("search_orders", parent);
    tool.attributes = {
        {"openinference.span.kind", "TOOL"}, {"tool.name", "search_orders"}, {"output.value", Text(150)}};
    if (Below(3) == 0) {
      tool.status = model::StatusCode::kError;
      tool.status_message = Text(30);
      tool.events.push_back({.time_unix_ns = tool.end_unix_ns,
                             .name = "exception",
                             .attributes = {{"exception.type", "Timeout"}, {"exception.message", Text(30)}}});
    }
    batch_.spans.push_back(std::move(tool));
  }

  std::mt19937_64 random_;
  model::SpanBatch batch_;
  TraceId trace_id_;
  UnixNanos start_ = 0;
  std::string mark_;
  std::string prompt_;
};

}  // namespace

SeededTraces MakeTraces(std::uint64_t seed, std::size_t count, UnixNanos end_unix_ns) {
  Maker maker(seed);
  SeededTraces made;
  for (std::size_t i = 0; i < count; ++i) {
    made.traces.push_back(maker.Trace(end_unix_ns - i * kMillisecond));
    made.marks.push_back(maker.mark());
  }
  made.requests.resize((count + kTracesPerRequest - 1) / kTracesPerRequest + 1);
  for (std::size_t i = 0; i < count; ++i) {
    const model::SpanBatch& trace = made.traces[i];
    for (std::size_t j = 0; j < trace.spans.size(); ++j) {
      // Children first: a parent that comes later is the usual case, since spans are sent when they end.
      model::SpanBatch& request = made.requests[i / kTracesPerRequest + (j == 0 ? 1 : 0)];
      if (request.spans.empty()) {
        request.resources = trace.resources;
        request.scopes = trace.scopes;
      }
      request.spans.push_back(trace.spans[j]);
    }
  }
  return made;
}

}  // namespace nightjar::selfcheck
