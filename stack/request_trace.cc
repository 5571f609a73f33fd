#include "stack/request_trace.h"

#include <algorithm>
#include <random>

#include "nightjar/propagation.h"
#include "nightjar/tracing.h"

namespace stack {
namespace {

std::string_view Text(boost::beast::string_view text) { return {text.data(), text.size()}; }

// The caller's context; an empty one when it tells none.
nightjar::Context Caller(const HttpRequest& request) {
  nightjar::HeaderCarrier headers;
  for (const auto& field : request) headers.Add(std::string(field.name_string()), std::string(field.value()));
  return nightjar::propagator().Extract(headers);
}

// Of a trace that is not sampled.
nightjar::Context Unsampled() {
  std::random_device random;
  nightjar::SpanContext span{.remote = true};
  std::ranges::generate(span.trace_id, [&] { return static_cast<std::uint8_t>(random()); });
  span.trace_id[0] |= 1U;  // never all zero
  span.span_id[0] = 1;
  return nightjar::Context().WithSpan(span);
}

nightjar::Span Start(std::string_view route, const nightjar::Context& parent, const HttpRequest& request) {
  const std::string_view target = Text(request.target());
  return nightjar::tracer().StartActiveSpan(route,
                                            {.kind = nightjar::SpanKind::kServer,
                                             .parent = &parent,
                                             .attributes = {{"http.request.method", Text(request.method_string())},
                                                            {"url.path", target.substr(0, target.find('?'))}}});
}

nightjar::Span StartUnread() {
  const nightjar::Context none;
  return nightjar::tracer().StartActiveSpan("HTTP", {.kind = nightjar::SpanKind::kServer, .parent = &none});
}

}  // namespace

RequestTrace::RequestTrace(nightjar::Span span, const nightjar::Context& parent) : span_(std::move(span)) {
  nightjar::SpanContext told = span_.context();
  if (!told.valid()) told = parent.span();
  if (!told.valid()) told = Unsampled().span();
  id_ = told.trace_id_hex();
}

RequestTrace::RequestTrace(const HttpRequest& request, std::string_view route, const nightjar::Context& parent)
    : RequestTrace(Start(route, parent, request), parent) {}

RequestTrace::RequestTrace(const HttpRequest& request, std::string_view route)
    : RequestTrace(request, route, Caller(request)) {}

RequestTrace::RequestTrace() : RequestTrace(StartUnread(), {}) {}

RequestTrace RequestTrace::Unrecorded(const HttpRequest& request, std::string_view route) {
  const nightjar::Context caller = Caller(request);
  return {request, route, caller.span().valid() ? caller : Unsampled()};
}

void RequestTrace::Name(HttpResponse& response) const { response.set("X-Trace-Id", id_); }

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
