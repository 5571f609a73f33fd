// Sends one trace that has everything a span can have; tests/test_sdk.py compares what a receiver reads with it.
#include <cstdio>
#include <limits>

#include "nightjar/baggage.h"
#include "nightjar/propagation.h"
#include "nightjar/tracing.h"

namespace {

using namespace nightjar;

constexpr std::int64_t kStart = 1'790'000'000'123'456'789;
SystemTime At(std::int64_t nanoseconds) { return SystemTime(std::chrono::nanoseconds(kStart + nanoseconds)); }

// Every type of attribute.
void Describe(Span& root) {
  root.SetAttribute("text", "caf\xC3\xA9 \xF0\x9F\x98\x80");
  root.SetAttribute("no text", "");
  root.SetAttribute("integer", std::int64_t{-9'223'372'036'854'775'807});
  root.SetAttribute("largest", std::numeric_limits<std::int64_t>::max());
  root.SetAttribute("real", 0.1);
  root.SetAttribute("minus zero", -0.0);
  root.SetAttribute("infinite", std::numeric_limits<double>::infinity());
  root.SetAttribute("no number", std::numeric_limits<double>::quiet_NaN());
  root.SetAttribute("yes", true);
  root.SetAttribute("no", false);
  const std::byte bytes[] = {std::byte{0x00}, std::byte{0xFF}, std::byte{0x7F}};
  root.SetAttribute("bytes", std::span<const std::byte>(bytes));
  root.SetAttribute("nothing", std::monostate());
  root.SetAttribute("texts", std::vector<std::string>{"a", ""});
  root.SetAttribute("no texts", std::vector<std::string>{});
  root.SetAttribute("integers", std::vector<std::int64_t>{1, 2});
  root.SetAttribute("reals", std::vector<double>{0.5, -0.25});
  const bool flags[] = {true, false};
  root.SetAttribute("flags", std::span<const bool>(flags));
  const std::vector<Attribute> entries = {{"k", "v"}};
  const AttributeValue items[] = {1, "two", 3.5, false, std::monostate(), AttributeMap(entries)};
  root.SetAttribute("mixed", AttributeList(items));
  root.SetAttribute("map", AttributeMap{{"inner", 1}, {"deeper", AttributeMap{{"deepest", "d"}}}});
  root.SetAttribute("no map", AttributeMap());
}

// More of everything than the limits of 128 let in.
void SendOverLimits(Tracer& tracer, const Context& parent) {
  std::vector<std::string> names;
  for (int i = 0; i < 130; ++i) names.push_back("key" + std::to_string(i));
  std::vector<Attribute> attributes;
  for (const std::string& name : names) attributes.push_back({name, 7});
  Span span = tracer.StartSpan("over limits", {.kind = SpanKind::kInternal, .parent = &parent, .start = At(35)});
  for (const Attribute& attribute : attributes) span.SetAttribute(attribute.key, attribute.value);
  span.AddEvent("first", AttributeMap(attributes), At(36));
  for (int i = 0; i < 130; ++i) span.AddEvent("next", {}, At(36));
  span.AddLink(parent.span(), AttributeMap(attributes));
  for (int i = 0; i < 128; ++i) span.AddLink(parent.span());
  span.End(At(37));
}

void SendTrace(Tracer tracer) {
  HeaderCarrier headers;
  headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  headers.Add("tracestate", "vendor=a,other=b");
  const Context remote = propagator().Extract(headers);
  Span root = tracer.StartSpan("everything", {.kind = SpanKind::kServer, .parent = &remote, .start = At(0)});
  Describe(root);
  root.AddEvent("event", {{"n", 1}, {"why", "test"}}, At(10));
  root.AddEvent("bare", {}, At(11));
  root.AddLink(remote.span(), {{"why", "test"}});
  SpanContext other{.sampled = false, .random = true};
  other.trace_id.fill(0xAB);
  other.span_id.fill(0xCD);
  root.AddLink(other);
  root.SetStatus(SpanStatus::kOk);
  const Context below = Context().WithSpan(root.context());
  Span child = tracer.StartSpan("child", {.kind = SpanKind::kClient, .parent = &below, .start = At(20)});
  child.SetStatus(SpanStatus::kError, "it failed");
  child.End(At(30));
  tracer.StartSpan("sends", {.kind = SpanKind::kProducer, .parent = &below, .start = At(31)}).End(At(32));
  tracer.StartSpan("receives", {.kind = SpanKind::kConsumer, .parent = &below, .start = At(33)}).End(At(34));
  SendOverLimits(tracer, below);
  root.End(At(40));
}

}  // namespace

int main() {
  InitTracing({.service_name = "everything",
               .resource = {{"shard", {std::int64_t{7}}}, {"zones", {std::vector<OwnedValue>{{std::string("a")}}}}}});
  SendTrace(tracer_provider()->tracer({.name = "a library",
                                       .version = "1.2.3",
                                       .schema_url = "https://opentelemetry.io/schemas/1.37.0",
                                       .attributes = {{"build", {std::string("release")}}}}));
  const bool delivered = ShutdownTracing() == FlushStatus::kFlushed;
  if (!delivered) std::fprintf(stderr, "%s\n", tracing_stats().last_error.c_str());
  return delivered ? 0 : 1;
}
