// What a recorded span writes into its state: the fields of an OTLP Span, as they become known.
#pragma once

#include <cstdint>
#include <string_view>

#include "span_state.h"

namespace nightjar::sdk {

std::int64_t SteadyNow() noexcept;

// Clears what the previous span left and writes the fields that are known at the start. `parent` is null for a root.
// REQUIRES: context, tracer, start_ns and wall_offset_ns of the state. Throws std::bad_alloc.
void BeginRecording(SpanState& state, std::string_view name, const Context* parent, const SpanOptions& options);

// The wall clock at a moment of the steady clock, as the span sees it.
inline std::uint64_t WallTime(const SpanState& state, std::int64_t steady_ns) noexcept {
  return static_cast<std::uint64_t>(steady_ns + state.wall_offset_ns);
}
inline std::uint64_t WallTime(SystemTime time) noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// They count what they have to drop, for want of memory too.
void RecordAttribute(SpanState& state, std::string_view key, const AttributeValue& value) noexcept;
void RecordAttribute(SpanState& state, std::string_view key, const OwnedValue& value) noexcept;
void RecordEvent(SpanState& state, std::string_view name, std::uint64_t time_unix_ns, AttributeMap attributes) noexcept;
void RecordLink(SpanState& state, const SpanContext& context, AttributeMap attributes) noexcept;
void RecordName(SpanState& state, std::string_view name) noexcept;

// Writes the fields that are known at the end. Throws std::bad_alloc.
void FinishRecording(SpanState& state, std::uint64_t end_unix_ns);

}  // namespace nightjar::sdk
