#include "stack/request_trace.h"

#include <algorithm>
#include <random>

#include "nightjar/tracing.h"
#include "stack/trace_headers.h"

namespace stack {
namespace {

std::string_view Text(boost::beast::string_view text) { return {text.data(), text.size()}; }

nightjar::SpanContext Parent(const HttpRequest& request) {
  if (request.count("traceparent") != 1) return {};
  return ParseTraceparent(Text(request["traceparent"]));
}

// Of a trace that is not sampled.
nightjar::SpanContext RandomParent() {
  std::random_device random;
  nightjar::SpanContext context;
  std::ranges::generate(context.trace_id, [&] { return static_cast<std::uint8_t>(random()); });
  context.trace_id[0] |= 1U;  // never all zero
  context.span_id[0] = 1;
  return context;
}

}  // namespace

RequestTrace::RequestTrace(nightjar::Span span) : span_(std::move(span)) {
  if (span_.context().valid()) id_ = span_.context().trace_id_hex();
}

RequestTrace::RequestTrace(const HttpRequest& request, std::string_view route)
    : RequestTrace(Describe(nightjar::tracer().StartSpan(route, Parent(request)), request)) {}

RequestTrace::RequestTrace() : RequestTrace(nightjar::tracer().StartSpan("HTTP", nightjar::SpanContext())) {}

RequestTrace RequestTrace::Unrecorded(const HttpRequest& request, std::string_view route) {
  const nightjar::SpanContext parent = Parent(request);
  return RequestTrace(Describe(nightjar::tracer().StartSpan(route, parent.valid() ? parent : RandomParent()), request));
}

nightjar::Span RequestTrace::Describe(nightjar::Span span, const HttpRequest& request) {
  span.SetAttribute("http.request.method", Text(request.method_string()));
  span.SetAttribute("url.path", Text(request.target()).substr(0, Text(request.target()).find('?')));
  return span;
}

void RequestTrace::Name(HttpResponse& response) const {
  if (!id_.empty()) response.set("X-Trace-Id", id_);
}

void RequestTrace::Finish(unsigned status) {
  span_.SetAttribute("http.response.status_code", static_cast<std::int64_t>(status));
  if (status >= 500) span_.SetStatus(nightjar::SpanStatus::kError);
  span_.End();
}

void RequestTrace::Finish(HttpResponse& response) {
  Name(response);
  Finish(response.result_int());
}

}  // namespace stack
