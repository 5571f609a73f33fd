// How spans are kept: a running span is a SpanState, and the running spans of a thread form a list with the innermost
// first. States are recycled per thread, buffers included, so that a warm thread starts and ends spans without
// allocating. A span that ends on another thread stays on its list, marked, until its own thread comes by.
//
// Clocks: durations come from the steady clock. The wall clock is read once a second per thread and once per trace at
// most; the spans of a trace on one thread share the difference, so that children lie inside their parents.
#include "nightjar/span.h"

#include <cxxabi.h>
#include <time.h>

#include <bit>
#include <cstdlib>
#include <memory>
#include <protozero/pbf_writer.hpp>
#include <stdexcept>
#include <typeinfo>

#include "encode.h"
#include "pipeline.h"
#include "random.h"
#include "span_state.h"
#include "wire.h"

namespace nightjar {
namespace sdk {

// The spans of one thread. Trivially destructible: statics may end spans after the thread's other objects are gone.
struct ThreadSpans {
  SpanState* innermost = nullptr;
  SpanState* spare = nullptr;
  std::uint32_t spare_count = 0;
  bool exiting = false;
  std::int64_t wall_offset_ns = 0;
  std::int64_t wall_offset_until_ns = 0;  // steady clock
};

namespace {

constexpr std::uint32_t kSpareStatesMax = 32;
constexpr std::size_t kSpareBytesMax = 16U << 10;  // larger buffers are freed with their span
constexpr std::int64_t kWallClockInterval = 1'000'000'000;
constexpr std::uint32_t kSpanKindInternal = 1;  // OTLP's enum
// Field 16, a fixed32: 0x103 is sampled, random trace id, parent known not to be remote.
constexpr std::string_view kFlagsField("\x85\x01\x03\x01\x00\x00", 6);
// An attribute's place is kept in 32 bits; OTLP requests end at 64 MiB anyway.
constexpr std::size_t kSpanBytesMax = 32U << 20;

constinit thread_local ThreadSpans t_spans;

std::int64_t ReadClock(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t WallOffset(ThreadSpans& thread, std::int64_t steady_now) noexcept {
  if (steady_now >= thread.wall_offset_until_ns) {
    thread.wall_offset_ns = ReadClock(CLOCK_REALTIME) - steady_now;
    thread.wall_offset_until_ns = steady_now + kWallClockInterval;
  }
  return thread.wall_offset_ns;
}

// Frees a thread's states when it exits; those of spans that still run are left to their End().
struct ThreadExit {
  ~ThreadExit() {
    t_spans.exiting = true;
    while (SpanState* state = t_spans.spare) {
      t_spans.spare = state->below;
      delete state;
    }
    while (SpanState* state = t_spans.innermost) {
      t_spans.innermost = state->below;
      if (state->life.exchange(SpanState::Life::kOrphaned, std::memory_order_acq_rel) == SpanState::Life::kEnded) {
        delete state;
      }
    }
  }
};

SpanState* NewState() {
  static thread_local ThreadExit at_exit;
  (void)at_exit;
  return new SpanState;
}

SpanState* TakeState(ThreadSpans& thread) {
  SpanState* state = thread.spare;
  if (state == nullptr) return NewState();
  thread.spare = state->below;
  --thread.spare_count;
  return state;
}

void Recycle(ThreadSpans& thread, SpanState* state) noexcept {
  if (thread.exiting || thread.spare_count == kSpareStatesMax || state->bytes.capacity() > kSpareBytesMax) {
    delete state;
    return;
  }
  state->below = thread.spare;
  thread.spare = state;
  ++thread.spare_count;
}

SpanState* Innermost(ThreadSpans& thread) noexcept {
  while (thread.innermost != nullptr &&
         thread.innermost->life.load(std::memory_order_acquire) == SpanState::Life::kEnded) [[unlikely]] {
    SpanState* ended = thread.innermost;
    thread.innermost = ended->below;
    Recycle(thread, ended);
  }
  return thread.innermost;
}

// REQUIRES: called on the span's own thread.
void TakeOffList(ThreadSpans& thread, SpanState* state) noexcept {
  SpanState** link = &thread.innermost;
  while (*link != state) link = &(*link)->below;
  *link = state->below;
}

void Release(SpanState* state) noexcept {
  ThreadSpans& thread = t_spans;
  if (state->home == &thread && state->life.load(std::memory_order_relaxed) == SpanState::Life::kRunning) {
    TakeOffList(thread, state);
    Recycle(thread, state);
  } else if (state->life.exchange(SpanState::Life::kEnded, std::memory_order_acq_rel) == SpanState::Life::kOrphaned) {
    delete state;
  }
}

std::uint64_t NonZeroBits() noexcept {
  std::uint64_t bits;
  do bits = RandomBits();
  while (bits == 0);
  return bits;
}

// The last seven bytes of the trace id as a number, most significant first.
std::uint64_t Randomness(const SpanContext& context) noexcept {
  std::uint64_t bits = 0;
  for (std::size_t i = 9; i < 16; ++i) bits = bits << 8 | context.trace_id[i];
  return bits;
}

void FillContext(SpanContext& context, const SpanContext* parent, const Sampler& sampler) noexcept {
  context.span_id = std::bit_cast<decltype(context.span_id)>(NonZeroBits());
  if (parent != nullptr) {
    context.trace_id = parent->trace_id;
  } else {
    context.trace_id = std::bit_cast<decltype(context.trace_id)>(std::array{NonZeroBits(), NonZeroBits()});
  }
  const bool decided = parent != nullptr && sampler.follows_parent;
  context.sampled = decided ? parent->sampled : Randomness(context) >= sampler.threshold;
}

template <std::size_t kSize>
std::string_view AsBytes(const std::array<std::uint8_t, kSize>& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

// Clears what the previous span left and writes the fields that are known at the start.
// Not inline, as Deliver: a span that is not recorded passes by them in few instructions.
[[gnu::noinline]] void Begin(SpanState& state, std::string_view name, const SpanContext* parent) {
  state.bytes.clear();
  state.attributes.clear();
  state.status = SpanStatus::kUnset;
  state.attributes_dropped = state.events = state.events_dropped = 0;
  state.status_description.clear();
  state.exceptions = std::uncaught_exceptions();

  std::string scratch;
  const std::string_view clean_name = CleanUtf8(name, kUnlimited, scratch);
  const std::size_t parent_bytes = parent == nullptr ? 0 : DelimitedBytes(sizeof(parent->span_id));
  WireWriter span(state.bytes, kFlagsField.size() + DelimitedBytes(16) + DelimitedBytes(8) + parent_bytes +
                                   DelimitedBytes(clean_name.size()) + 2 + 9);
  span.Raw(kFlagsField);
  span.Delimited(field::kTraceId, AsBytes(state.context.trace_id));
  span.Delimited(field::kSpanId, AsBytes(state.context.span_id));
  if (parent != nullptr) span.Delimited(field::kParentSpanId, AsBytes(parent->span_id));
  span.Delimited(field::kName, clean_name);
  span.Varint(field::kKind, kSpanKindInternal);
  span.Fixed64(field::kStartTime, static_cast<std::uint64_t>(state.start_ns + state.wall_offset_ns));
  const std::string& trace_state = state.pipeline->settings().sampler.trace_state;
  if (!trace_state.empty()) {
    WireWriter(state.bytes, DelimitedBytes(trace_state.size())).Delimited(field::kTraceState, trace_state);
  }
}

// Writes the fields that are known at the end.
void Finish(SpanState& state) {
  const std::int64_t end_ns = ReadClock(CLOCK_MONOTONIC) + state.wall_offset_ns;
  WireWriter(state.bytes, 9).Fixed64(field::kEndTime, static_cast<std::uint64_t>(end_ns));
  protozero::pbf_writer span(state.bytes);
  if (state.attributes_dropped > 0) span.add_uint32(field::kDroppedAttributes, state.attributes_dropped);
  if (state.events_dropped > 0) span.add_uint32(field::kDroppedEvents, state.events_dropped);
  if (state.status != SpanStatus::kUnset) {
    protozero::pbf_writer status(span, field::kStatus);
    if (!state.status_description.empty()) status.add_string(field::kStatusMessage, state.status_description);
    status.add_uint32(field::kStatusCode, static_cast<std::uint32_t>(state.status));
  }
}

[[gnu::noinline]] void Deliver(SpanState& state) noexcept try {
  Finish(state);
  state.pipeline->Enqueue(state.bytes);
} catch (...) {
  Pipeline::CountDropped(1);  // no memory
}

enum class ParentRule { kInnermost, kGiven };

// `parent` is null for a root; under kInnermost it is looked up.
SpanState* Start(std::string_view name, ParentRule rule, const SpanContext* parent) noexcept try {
  Pipeline* pipeline = Pipeline::Running();
  if (pipeline == nullptr) return nullptr;
  ThreadSpans& thread = t_spans;
  const SpanState* outer = Innermost(thread);
  const bool inherits = rule == ParentRule::kInnermost && outer != nullptr;
  if (inherits) parent = &outer->context;

  SpanState* state = TakeState(thread);
  state->life.store(SpanState::Life::kRunning, std::memory_order_relaxed);
  state->home = &thread;
  state->pipeline = pipeline;
  FillContext(state->context, parent, pipeline->settings().sampler);
  state->recording = state->context.sampled;
  if (state->recording) {
    try {
      state->start_ns = ReadClock(CLOCK_MONOTONIC);
      state->wall_offset_ns =
          inherits && outer->recording ? outer->wall_offset_ns : WallOffset(thread, state->start_ns);
      Begin(*state, name, parent);
    } catch (...) {
      delete state;
      throw;
    }
  }
  state->below = thread.innermost;
  thread.innermost = state;
  return state;
} catch (...) {
  Pipeline::CountDropped(1);  // no memory
  return nullptr;
}

std::string TypeName(const std::exception& exception) {
  const char* mangled = typeid(exception).name();
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                         &std::free);
  return name == nullptr ? mangled : name.get();
}

template <std::size_t kSize>
std::string Hex(const std::array<std::uint8_t, kSize>& bytes) {
  std::string hex;
  hex.reserve(2 * kSize);
  for (const std::uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

// Removes the attribute `key`, if set, to make place for its new value.
void RemoveAttribute(SpanState& state, std::string_view key) {
  const std::string_view bytes = state.bytes;
  for (auto slot = state.attributes.begin(); slot != state.attributes.end(); ++slot) {
    if (slot->key_bytes != key.size() || bytes.substr(slot->key_begin, slot->key_bytes) != key) continue;
    const AttributeSlot removed = *slot;
    state.attributes.erase(slot);
    state.bytes.erase(removed.begin, removed.end - removed.begin);
    for (AttributeSlot& later : state.attributes) {
      if (later.begin < removed.begin) continue;
      later.begin -= removed.end - removed.begin;
      later.end -= removed.end - removed.begin;
      later.key_begin -= removed.end - removed.begin;
    }
    return;
  }
}

// Where the key of the attribute at `begin` stands: behind the field's tag and length and its own tag and length.
std::uint32_t KeyBegin(std::string_view bytes, std::size_t begin) {
  std::size_t at = begin + 1;
  const auto skip_varint = [&] {
    while ((static_cast<unsigned char>(bytes[at++]) & 0x80U) != 0) continue;
  };
  skip_varint();
  ++at;
  skip_varint();
  return static_cast<std::uint32_t>(at);
}

// Throws when there is no memory, or no room left in the span.
void StoreAttribute(SpanState& state, std::string_view key, const AttributeValue& value) {
  const SpanLimits& limits = state.pipeline->settings().limits;
  std::string scratch;
  key = CleanUtf8(key, kUnlimited, scratch);
  RemoveAttribute(state, key);
  if (key.empty() || state.attributes.size() >= limits.attributes_max) {
    ++state.attributes_dropped;
    return;
  }
  const std::size_t begin = state.bytes.size();
  try {
    AppendKeyValue(state.bytes, field::kAttributes, key, value, limits.value_characters_max);
    if (state.bytes.size() > kSpanBytesMax) throw std::length_error("span too large");
    state.attributes.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(state.bytes.size()),
                                KeyBegin(state.bytes, begin), static_cast<std::uint32_t>(key.size())});
  } catch (...) {
    state.bytes.resize(begin);
    throw;
  }
}

}  // namespace
}  // namespace sdk

std::string SpanContext::trace_id_hex() const { return sdk::Hex(trace_id); }
std::string SpanContext::span_id_hex() const { return sdk::Hex(span_id); }

Span Tracer::StartSpan(std::string_view name) noexcept {
  return Span(sdk::Start(name, sdk::ParentRule::kInnermost, nullptr));
}

Span Tracer::StartSpan(std::string_view name, const SpanContext& parent) noexcept {
  return Span(sdk::Start(name, sdk::ParentRule::kGiven, parent.valid() ? &parent : nullptr));
}

SpanContext CurrentContext() noexcept {
  const sdk::SpanState* innermost = sdk::Innermost(sdk::t_spans);
  return innermost == nullptr ? SpanContext{} : innermost->context;
}

bool Span::recording() const noexcept { return state_ != nullptr && state_->recording; }

SpanContext Span::context() const noexcept { return state_ == nullptr ? SpanContext{} : state_->context; }

void Span::StoreAttribute(std::string_view key, const AttributeValue& value) noexcept {
  if (!recording()) return;
  try {
    sdk::StoreAttribute(*state_, key, value);
  } catch (...) {
    ++state_->attributes_dropped;
  }
}

void Span::StoreEvent(std::string_view name, std::initializer_list<Attribute> attributes) noexcept {
  if (!recording()) return;
  const sdk::SpanLimits& limits = state_->pipeline->settings().limits;
  if (state_->events == limits.events_max) {
    ++state_->events_dropped;
    return;
  }
  const std::size_t begin = state_->bytes.size();
  try {
    const std::int64_t now = sdk::ReadClock(CLOCK_MONOTONIC) + state_->wall_offset_ns;
    sdk::AppendEvent(state_->bytes, name, static_cast<std::uint64_t>(now), attributes, limits);
    if (state_->bytes.size() > sdk::kSpanBytesMax) throw std::length_error("span too large");
    ++state_->events;
  } catch (...) {
    state_->bytes.resize(begin);
    ++state_->events_dropped;
  }
}

void Span::RecordException(const std::exception& exception) noexcept {
  if (!recording()) return;
  try {
    StoreEvent("exception", {{"exception.type", sdk::TypeName(exception)}, {"exception.message", exception.what()}});
  } catch (...) {
    ++state_->events_dropped;
  }
}

void Span::SetStatus(SpanStatus status, std::string_view description) noexcept {
  if (!recording() || state_->status == SpanStatus::kOk || status == SpanStatus::kUnset) return;
  state_->status = status;
  state_->status_description.clear();
  if (status != SpanStatus::kError) return;
  try {
    std::string scratch;
    state_->status_description = sdk::CleanUtf8(description, sdk::kUnlimited, scratch);
  } catch (...) {
    // The status itself is kept: an error without its description.
  }
}

void Span::EndInDestructor() noexcept {
  if (recording() && state_->status == SpanStatus::kUnset && std::uncaught_exceptions() > state_->exceptions) {
    state_->status = SpanStatus::kError;
  }
  End();
}

void Span::End() noexcept {
  sdk::SpanState* state = std::exchange(state_, nullptr);
  if (state == nullptr) return;
  if (state->recording) sdk::Deliver(*state);
  sdk::Release(state);
}

}  // namespace nightjar
