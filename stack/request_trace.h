// The span of one HTTP request that a server answers, and the header that tells its trace.
#pragma once

#include <string>
#include <string_view>

#include "nightjar/span.h"
#include "stack/http_server.h"

namespace stack {

// This thread's innermost span until Finish(): what starts meanwhile are its children. Ends on the thread it began on.
class RequestTrace {
 public:
  // Goes on with the trace that the request's headers name (traceparent, tracestate, baggage); else starts one. `route`
  // names the span, such as "POST /chat".
  RequestTrace(const HttpRequest& request, std::string_view route);
  // Of a request that could not be read.
  RequestTrace();
  // A request that nobody wants to find again: has an id, and is recorded only if its caller's trace is.
  static RequestTrace Unrecorded(const HttpRequest& request, std::string_view route);

  // 32 digits. When tracing is off, of the caller's trace; without one, a number to find the request in the log by.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] nightjar::Span& span() { return span_; }

  // Ends the span with the answer's status, an error from 500 on, and adds X-Trace-Id to the answer.
  void Finish(HttpResponse& response);
  // The header alone, of an answer that goes on.
  void Name(HttpResponse& response) const;
  void Finish(unsigned status);

 private:
  RequestTrace(nightjar::Span span, const nightjar::Context& parent);
  RequestTrace(const HttpRequest& request, std::string_view route, const nightjar::Context& parent);

  nightjar::Span span_;
  std::string id_;
};

}  // namespace stack
