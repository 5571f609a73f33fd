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
//   endpoint   PHOENIX_COLLECTOR_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT
//   service    OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
//   exporter   OTEL_TRACES_EXPORTER (otlp, console, none), OTEL_EXPORTER_OTLP[_TRACES]_{HEADERS,TIMEOUT}
//   batching   OTEL_BSP_{SCHEDULE_DELAY,EXPORT_TIMEOUT,MAX_QUEUE_SIZE,MAX_EXPORT_BATCH_SIZE}
//   sampling   OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG
//   limits     OTEL_[SPAN_]ATTRIBUTE_{COUNT,VALUE_LENGTH}_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT,
//              OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT
//   off        OTEL_SDK_DISABLED=true
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "nightjar/span.h"

namespace nightjar {

struct TracingOptions {
  std::string service_name = {};  // empty: from the environment, else "stack"
  // Where to send spans. A URL without a path gets /v1/traces. Empty: from the environment, else
  // http://localhost:6006/v1/traces.
  std::string endpoint = {};
  bool console = false;  // also write each span to stdout
};

enum class InitStatus {
  kStarted,
  kAlreadyRunning,   // the call was ignored; the first one counts
  kDisabled,         // OTEL_SDK_DISABLED=true
  kInvalidEndpoint,  // not an http:// or https:// URL; tracing stays off
  kOutOfResources,   // no memory or no thread; tracing stays off
};

enum class FlushStatus {
  kFlushed,   // every span that had ended was accepted by the collector
  kFailed,    // some were dropped or refused; see TracingStats::last_error
  kTimedOut,  // some are still on their way
};

// Counted since InitTracing.
struct TracingStats {
  std::uint64_t exported = 0;  // spans the collector accepted
  std::uint64_t dropped = 0;   // spans that found the queue full or tracing shut down
  std::uint64_t failed = 0;    // spans the collector refused, or that could not be delivered
  std::uint64_t queued = 0;    // spans that wait or are being sent
  std::string last_error;      // why the latest spans failed, or why tracing did not start
};

// Starts tracing. After ShutdownTracing it may be called again.
InitStatus InitTracing(const TracingOptions& options = {}) noexcept;

// The process's tracer; the first call starts tracing from the environment unless InitTracing did.
Tracer& tracer() noexcept;

// Waits until the spans that have ended are delivered.
FlushStatus ForceFlush(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept;

// Delivers what is queued, then stops. Spans that end later are dropped.
FlushStatus ShutdownTracing(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept;

[[nodiscard]] TracingStats tracing_stats() noexcept;

// The URL spans are sent to; empty when tracing is off.
[[nodiscard]] std::string tracing_endpoint() noexcept;

}  // namespace nightjar
