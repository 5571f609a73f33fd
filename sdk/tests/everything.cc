// Sends one trace that has everything a span can have; tests/test_sdk.py compares what a receiver reads with it.
#include <cstdio>

#include "nightjar/baggage.h"
#include "nightjar/propagation.h"
#include "nightjar/tracing.h"

namespace {

using namespace nightjar;

constexpr std::int64_t kStart = 1'790'000'000'000'000'000;
SystemTime At(std::int64_t nanoseconds) { return SystemTime(std::chrono::nanoseconds(kStart + nanoseconds)); }

void SendTrace(Tracer tracer) {
  HeaderCarrier headers;
  headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  headers.Add("tracestate", "vendor=a,other=b");
  const Context remote = propagator().Extract(headers);
  Span root = tracer.StartSpan("everything", {.kind = SpanKind::kServer, .parent = &remote, .start = At(0)});
  root.SetAttribute("text", "caf\xC3\xA9 \xF0\x9F\x98\x80");
  root.SetAttribute("integer", std::int64_t{-9'223'372'036'854'775'807});
  root.SetAttribute("real", 0.1);
  root.SetAttribute("yes", true);
  root.SetAttribute("texts", std::vector<std::string>{"a", ""});
  root.SetAttribute("integers", std::vector<std::int64_t>{1, 2});
  root.SetAttribute("reals", std::vector<double>{0.5, -0.25});
  root.SetAttribute("map", AttributeMap{{"inner", 1}});
  root.AddEvent("event", {{"n", 1}}, At(10));
  root.AddLink(remote.span(), {{"why", "test"}});
  const Context below = Context().WithSpan(root.context());
  Span child = tracer.StartSpan("child", {.kind = SpanKind::kClient, .parent = &below, .start = At(20)});
  child.SetStatus(SpanStatus::kError, "it failed");
  child.End(At(30));
  root.End(At(40));
}

}  // namespace

int main() {
  InitTracing({.service_name = "everything"});
  SendTrace(tracer_provider()->tracer({.name = "a library", .version = "1.2.3"}));
  const bool delivered = ShutdownTracing() == FlushStatus::kFlushed;
  if (!delivered) std::fprintf(stderr, "%s\n", tracing_stats().last_error.c_str());
  return delivered ? 0 : 1;
}
