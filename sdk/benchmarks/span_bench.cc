// What a span costs the program's thread: encoding and queueing, not the network. Every 1,000 spans the clock stops
// until the queue is empty, so that no span is measured on the cheaper way of a full queue. Nobody listens at the
// endpoint and nothing is retried: batches are encoded and dropped.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "nightjar/llm.h"
#include "nightjar/tracing.h"

namespace {

using nightjar::Span;
using nightjar::tracer;

// Call once per span.
class Drain {
 public:
  explicit Drain(benchmark::State& state) : state_(state) {}
  void operator()() {
    if (++spans_ % 1'000 != 0) return;
    state_.PauseTiming();
    nightjar::ForceFlush();
    state_.ResumeTiming();
  }

 private:
  benchmark::State& state_;
  std::size_t spans_ = 0;
};

void StartEnd(benchmark::State& state) {
  Drain drain(state);
  for (auto _ : state) {
    tracer().StartActiveSpan("work").End();
    drain();
  }
}

void StartEndChild(benchmark::State& state) {
  const Span root = tracer().StartActiveSpan("root");
  Drain drain(state);
  for (auto _ : state) {
    tracer().StartActiveSpan("work").End();
    drain();
  }
}

void StartFiveAttributesEnd(benchmark::State& state) {
  Drain drain(state);
  for (auto _ : state) {
    drain();
    Span span = tracer().StartActiveSpan("work");
    span.SetAttribute("http.request.method", "POST");
    span.SetAttribute("url.path", "/v1/chat/completions");
    span.SetAttribute("http.response.status_code", 200);
    span.SetAttribute("server.port", 6006);
    span.SetAttribute("llm.temperature", 0.7);
  }
}

// The spec's own recipe: one int attribute and one event.
void StartAttributeEventEnd(benchmark::State& state) {
  Drain drain(state);
  for (auto _ : state) {
    drain();
    Span span = tracer().StartActiveSpan("work");
    span.SetAttribute("attribute", 7);
    span.AddEvent("event");
  }
}

void LlmCall(benchmark::State& state) {
  const std::string messages = R"([{"role": "user", "content": ")" + std::string(4000, 'x') + R"("}])";
  const std::string response = R"({"choices": [{"message": {"role": "assistant", "content": ")" +
                               std::string(800, 'y') +
                               R"("}}], "usage": {"prompt_tokens": 1000, "completion_tokens": 200}})";
  Drain drain(state);
  for (auto _ : state) {
    drain();
    Span span = nightjar::LlmSpan("demo-model", messages, 0.7);
    nightjar::RecordLlmOutput(span, response);
  }
}

void Unsampled(benchmark::State& state) {
  // One parent decides for all: what a span costs in a trace that is not kept.
  nightjar::SpanContext parent;
  parent.trace_id.fill(1);
  parent.span_id.fill(1);
  const nightjar::Scope scope(parent);
  for (auto _ : state) {
    Span span = tracer().StartActiveSpan("work");
    span.SetAttribute("http.request.method", "POST");
  }
}

void ShutDown(benchmark::State& state) {
  nightjar::ShutdownTracing(std::chrono::seconds(1));
  for (auto _ : state) {
    Span span = tracer().StartActiveSpan("work");
    span.SetAttribute("http.request.method", "POST");
  }
}

BENCHMARK(StartEnd);
BENCHMARK(StartEnd)->Threads(2);
BENCHMARK(StartEndChild);
BENCHMARK(StartFiveAttributesEnd);
BENCHMARK(StartAttributeEventEnd);
BENCHMARK(LlmCall);
BENCHMARK(Unsampled);
BENCHMARK(ShutDown);  // last: tracing is off from here on

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  setenv("OTEL_BSP_EXPORT_TIMEOUT", "0", 1);
  nightjar::InitTracing({.service_name = "bench", .endpoint = "http://127.0.0.1:9"});
  benchmark::RunSpecifiedBenchmarks();
  nightjar::ShutdownTracing(std::chrono::seconds(1));
  return 0;
}
