// The arithmetic of consistent probability sampling (OpenTelemetry, "TraceState: Probability Sampling").
#pragma once

#include <cstdint>
#include <optional>

#include "nightjar/context.h"

namespace nightjar::sdk {

inline constexpr std::uint64_t kNone = std::uint64_t{1} << 56;  // the threshold that no trace reaches

// The 56-bit threshold for a share of 0 to 1, rounded to six hex digits or more.
std::uint64_t ThresholdOf(double ratio);

// "ot=rv" of the trace state, or the last 56 bits of the trace id.
std::uint64_t RandomnessOf(const TraceId& trace_id, const TraceState& trace_state);

// The trace state with this "ot=th", or without any; other sub-keys stay.
TraceState WithThreshold(const TraceState& trace_state, std::optional<std::uint64_t> threshold);

}  // namespace nightjar::sdk
