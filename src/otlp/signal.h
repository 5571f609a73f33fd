// The three kinds of telemetry that OTLP carries.
#pragma once

namespace nightjar::otlp {

enum class Signal { kTraces, kLogs, kMetrics };

}  // namespace nightjar::otlp
