// Process-wide tracing: start it once, take spans from tracer(), flush or shut down at the end.
//
//   nightjar::InitTracing({.service_name = "stack"});
//   nightjar::Span span = nightjar::tracer().StartSpan("work");
//
// Finished spans wait in a bounded queue and leave on a background thread as OTLP/HTTP protobuf. When the queue is full
// new spans are dropped and counted. The process's normal exit flushes for up to 5 seconds. A forked child starts with
// an empty queue and its own thread; what was queued is sent by the parent.
//
// Environment, each used where no option says otherwise (an empty value counts as not set):
//   endpoint   PHOENIX_COLLECTOR_ENDPOINT, OTEL_EXPORTER_OTLP[_TRACES]_ENDPOINT
//   service    OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, PHOENIX_PROJECT_NAME
//   exporter   OTEL_TRACES_EXPORTER (otlp, console, none), PHOENIX_API_KEY, OTEL_EXPORTER_OTLP[_TRACES]_{HEADERS,
//              TIMEOUT,COMPRESSION,PROTOCOL,CERTIFICATE,CLIENT_CERTIFICATE,CLIENT_KEY}
//   batching   OTEL_BSP_{SCHEDULE_DELAY,EXPORT_TIMEOUT,MAX_QUEUE_SIZE,MAX_EXPORT_BATCH_SIZE}
//   sampling   OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG
//   headers    OTEL_PROPAGATORS (tracecontext, baggage, b3, b3multi, none)
//   limits     OTEL_[SPAN_]ATTRIBUTE_{COUNT,VALUE_LENGTH}_LIMIT, OTEL_SPAN_{EVENT,LINK}_COUNT_LIMIT,
//              OTEL_{EVENT,LINK}_ATTRIBUTE_COUNT_LIMIT
//   masking    OPENINFERENCE_HIDE_*, OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH
//   off        OTEL_SDK_DISABLED=true
//
// Threads: all may call the functions here at once.
// ABI: none is kept. The library is static; its version is that of its headers, and every version may change the layout
// of any type: build the program and the library with one compiler, one standard library and the same headers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "nightjar/export.h"
#include "nightjar/provider.h"
#include "nightjar/span.h"

namespace nightjar {

// What a program says of its tracing; the environment fills in what it leaves out.
struct TracingOptions {
  std::string service_name = {};  // empty: from the environment, else "stack"
  // Where to send spans. A URL without a path gets /v1/traces. Empty: from the environment, else
  // http://localhost:6006/v1/traces.
  std::string endpoint = {};
  bool console = false;                           // also write each span to stdout
  std::string project_name = {};                  // empty: from the environment, else the server decides
  SamplerPtr sampler = {};                        // null: from the environment, else all traces are kept
  OwnedAttributes resource = {};                  // goes before what the environment says
  std::vector<SpanProcessorPtr> processors = {};  // called before those that export
};

// How a start of tracing ended.
enum class InitStatus {
  kStarted,
  kAlreadyRunning,   // the call was ignored; the first one counts
  kDisabled,         // OTEL_SDK_DISABLED=true, or no exporter is wanted
  kInvalidEndpoint,  // not an http:// or https:// URL; tracing stays off
  kOutOfResources,   // no memory or no thread; tracing stays off
};

// Counted since InitTracing. In parentheses the names of OpenTelemetry's SDK metrics.
struct TracingStats {
  std::uint64_t exported = 0;  // spans the collector accepted (otel.sdk.exporter.span.exported)
  std::uint64_t dropped = 0;   // spans that found the queue full or tracing shut down
                               // (otel.sdk.processor.span.processed, error.type=queue_full)
  std::uint64_t failed = 0;    // spans the collector refused, or that could not be delivered
  std::uint64_t queued = 0;    // spans that wait or are being sent (otel.sdk.processor.span.queue.size)
  std::string last_error;      // why the latest spans failed, what the collector or InitTracing warned of, or why
                               // tracing did not start

  std::uint64_t started_sampled = 0;        // (otel.sdk.span.started, RECORD_AND_SAMPLE)
  std::uint64_t started_record_only = 0;    // (RECORD_ONLY)
  std::uint64_t started_dropped = 0;        // (DROP)
  std::uint64_t live = 0;                   // recorded spans that have not ended (otel.sdk.span.live)
  std::uint64_t queue_capacity = 0;         // (otel.sdk.processor.span.queue.capacity)
  std::uint64_t inflight = 0;               // of `queued`, being sent (otel.sdk.exporter.span.inflight)
  std::uint64_t exports = 0;                // batches, retries not counted
  std::chrono::nanoseconds export_time{0};  // of all batches together (otel.sdk.exporter.operation.duration)
};

// Starts tracing. After ShutdownTracing it may be called again.
InitStatus InitTracing(const TracingOptions& options = {}) noexcept;

// The process's tracer; the first call starts tracing from the environment unless InitTracing did.
Tracer& tracer() noexcept;

// The running provider, for tracers of other names; null when tracing is off.
//   if (TracerProvider* provider = tracer_provider()) provider->tracer({.name = "cart"}).StartSpan("add").End();
TracerProvider* tracer_provider() noexcept;

// Waits until the spans that have ended are delivered.
//   if (ForceFlush(2s) != FlushStatus::kFlushed) std::puts(tracing_stats().last_error.c_str());
FlushStatus ForceFlush(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept;

// Delivers what is queued, then stops. Spans that end later are dropped.
//   return ShutdownTracing() == FlushStatus::kFlushed ? 0 : 1;
FlushStatus ShutdownTracing(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept;

// All zero before the first start.
[[nodiscard]] TracingStats tracing_stats() noexcept;

// The URL spans are sent to; empty when tracing is off.
//   if (!tracing_endpoint().empty()) std::printf("traces go to %s\n", tracing_endpoint().c_str());
[[nodiscard]] std::string tracing_endpoint() noexcept;

}  // namespace nightjar
