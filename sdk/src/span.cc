// How spans are kept: a running span is a SpanState (span_state.h); active ones form their thread's list (active.h).
//
// Clocks: durations come from the steady clock. The wall clock is read once a second per thread and once per trace at
// most; the spans of a trace on one thread share the difference, so that children lie inside their parents.
#include "nightjar/span.h"

#include <cxxabi.h>
#include <time.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <typeinfo>

#include "active.h"
#include "batch_processor.h"
#include "provider_state.h"
#include "random.h"
#include "recording.h"
#include "span_attributes.h"
#include "utf8.h"

namespace nightjar {
namespace sdk {

const ContextKey<OwnedAttributes> kSpanAttributes;

namespace {

constexpr std::int64_t kWallClockInterval = 1'000'000'000;

std::int64_t WallOffset(ThreadSpans& thread, std::int64_t steady_now) noexcept {
  if (steady_now >= thread.wall_offset_until_ns) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    thread.wall_offset_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec - steady_now;
    thread.wall_offset_until_ns = steady_now + kWallClockInterval;
  }
  return thread.wall_offset_ns;
}

struct Start {
  const TracerState& tracer;
  std::string_view name;
  const SpanOptions& options;
  const Context* parent;  // null, or without a valid span: a root
  bool root;
};

SamplingResult AskSampler(const Start& start, const SpanContext& context) try {
  static const Context no_context;
  return start.tracer.provider.sampler->ShouldSample({.parent = start.parent == nullptr ? no_context : *start.parent,
                                                      .trace_id = context.trace_id,
                                                      .name = start.name,
                                                      .kind = start.options.kind,
                                                      .attributes = start.options.attributes,
                                                      .links = start.options.links});
} catch (...) {
  return {};
}

void FillIds(const Start& start, SpanContext& context) noexcept {
  IdGenerator* const generator = start.tracer.provider.id_generator.get();
  if (generator != nullptr) [[unlikely]] {
    if (start.root) context.trace_id = generator->NewTraceId();
    context.span_id = generator->NewSpanId();
  } else if (start.root) {
    RandomNumbers random;
    const std::uint64_t first = random.Next();
    const std::uint64_t second = random.Next();
    std::memcpy(context.trace_id.data(), &first, sizeof(first));
    std::memcpy(context.trace_id.data() + sizeof(first), &second, sizeof(second));
    context.span_id = std::bit_cast<SpanId>(random.Next());
  } else {
    context.span_id = std::bit_cast<SpanId>(RandomNumbers().Next());
  }
}

void FillContext(const Start& start, SpanContext& context) noexcept {
  context.remote = false;
  if (start.root) {
    if (!context.trace_state.empty()) context.trace_state = {};
    const IdGenerator* const generator = start.tracer.provider.id_generator.get();
    context.random = generator == nullptr || generator->random();
  } else {
    const SpanContext& parent = start.parent->span();
    context.trace_id = parent.trace_id;
    context.random = parent.random;
    if (!context.trace_state.empty() || !parent.trace_state.empty()) context.trace_state = parent.trace_state;
  }
  FillIds(start, context);
}

// Whether the sampler has to be asked, or Kept() knows.
bool MustAsk(const Start& start, const SpanContext& context) {
  switch (start.tracer.provider.sampling_rule) {
    case SamplingRule::kAlways:
    case SamplingRule::kNever: return false;
    case SamplingRule::kParentDecides: return start.root || !context.trace_state.empty();
    case SamplingRule::kParentDecidesElseOn: return !start.root && !context.trace_state.empty();
    case SamplingRule::kAskSampler: break;
  }
  return true;
}

bool Kept(const Start& start) {
  switch (start.tracer.provider.sampling_rule) {
    case SamplingRule::kAlways: return true;
    case SamplingRule::kNever: return false;
    default: return start.root || start.parent->span().sampled;
  }
}

// Not inline, as Deliver: a span that is not recorded passes by them in few instructions.
[[gnu::noinline]] void BeginSpan(const Start& start, SpanState& state, const SpanState* outer) {
  state.start_ns = SteadyNow();
  state.wall_offset_ns =
      outer != nullptr && outer->recording ? outer->wall_offset_ns : WallOffset(t_spans, state.start_ns);
  BeginRecording(state, start.name, start.root ? nullptr : start.parent, start.options);
  if (state.context.has_values()) {
    if (const OwnedAttributes* shared = state.context.Find(kSpanAttributes)) {
      for (const auto& [key, value] : *shared) RecordAttribute(state, key, value);
    }
  }
  CountOne(state.context.span().sampled ? t_spans.sampled : t_spans.record_only);
}

void TellStart(const Start& start, SpanState& state) {
  static const Context no_context;
  for (const SpanProcessorPtr& processor : start.tracer.provider.processors) {
    Span lent = SpanState::Lend(state);
    processor->OnStart(lent, start.parent == nullptr ? no_context : *start.parent);
    SpanState::TakeBack(state, lent);
  }
}

[[gnu::noinline]] void BeginAsked(const Start& start, SpanState& state, const SpanState* outer) {
  SpanContext& context = state.span_context();
  SamplingResult result = AskSampler(start, context);
  if (result.trace_state) context.trace_state = std::move(*result.trace_state);
  context.sampled = result.decision == SamplingDecision::kRecordAndSample;
  state.recording = result.decision != SamplingDecision::kDrop;
  if (!state.recording) return CountOne(t_spans.dropped);
  BeginSpan(start, state, outer);
  for (const auto& [key, value] : result.attributes) RecordAttribute(state, key, value);
  TellStart(start, state);
}

void Begin(const Start& start, SpanState& state, const SpanState* outer) {
  SpanContext& context = state.span_context();
  FillContext(start, context);
  if (MustAsk(start, context)) [[unlikely]]
    return BeginAsked(start, state, outer);
  state.recording = context.sampled = Kept(start);
  if (!state.recording) return CountOne(t_spans.dropped);
  BeginSpan(start, state, outer);
  TellStart(start, state);
}

[[gnu::noinline]] void Deliver(SpanState& state, std::uint64_t end_unix_ns) noexcept try {
  const auto& processors = state.tracer->provider.processors;
  for (const SpanProcessorPtr& processor : processors) {
    Span lent = SpanState::Lend(state);
    processor->OnEnding(lent);
    SpanState::TakeBack(state, lent);
  }
  FinishRecording(state, end_unix_ns);
  const ReadableSpan finished(state.bytes.view(), state.context.span().sampled, *state.tracer);
  for (const SpanProcessorPtr& processor : processors) processor->OnEnd(finished);
} catch (...) {
  BatchProcessor::CountDropped(1);  // no memory
}

enum class Activation : std::uint8_t { kNone, kThisThread };

SpanState* StartSpan(const TracerState* tracer, std::string_view name, const SpanOptions& options,
                     Activation activation) noexcept try {
  if (tracer == nullptr) return nullptr;
  ThreadSpans& thread = t_spans;
  const SpanState* outer = options.parent == nullptr ? Innermost(thread) : nullptr;
  const Context* parent = outer != nullptr ? &outer->context : options.parent;
  const Start start{*tracer, name, options, parent, parent == nullptr || !parent->span().valid()};

  SpanState* state = TakeState(thread);
  state->tracer = tracer;
  state->lent = false;
  if (parent != nullptr && parent->has_values()) state->InheritValues(*parent);
  try {
    Begin(start, *state, outer);
  } catch (...) {
    delete state;
    throw;
  }
  if (activation == Activation::kThisThread) Activate(thread, state);
  return state;
} catch (...) {
  BatchProcessor::CountDropped(1);  // no memory
  return nullptr;
}

std::string TypeName(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                         &std::free);
  return name == nullptr ? type.name() : name.get();
}

}  // namespace

std::size_t SpanState::RoomLeft(const Span& span) noexcept {
  if (!span.recording()) return 0;
  const SpanState& state = *span.state_;
  return state.tracer->provider.limits.attributes_max - state.attribute_count;
}

}  // namespace sdk

Tracer::Tracer() noexcept {
  static constinit Slot none{nullptr};
  slot_ = &none;
}

namespace {
constinit const SpanOptions kNoOptions;
}  // namespace

Span Tracer::StartSpan(std::string_view name, const SpanOptions& options) noexcept {
  return Span(sdk::StartSpan(slot_->load(std::memory_order_acquire), name, options, sdk::Activation::kNone));
}
Span Tracer::StartSpan(std::string_view name) noexcept { return StartSpan(name, kNoOptions); }

Span Tracer::StartActiveSpan(std::string_view name, const SpanOptions& options) noexcept {
  return Span(sdk::StartSpan(slot_->load(std::memory_order_acquire), name, options, sdk::Activation::kThisThread));
}
Span Tracer::StartActiveSpan(std::string_view name) noexcept { return StartActiveSpan(name, kNoOptions); }

bool Span::recording() const noexcept { return state_ != nullptr && state_->recording; }

SpanContext Span::context() const noexcept { return state_ == nullptr ? SpanContext{} : state_->context.span(); }

void Span::StoreAttribute(std::string_view key, const AttributeValue& value) noexcept {
  if (recording()) sdk::RecordAttribute(*state_, key, value);
}

void Span::StoreEvent(std::string_view name, AttributeMap attributes) noexcept {
  if (recording()) sdk::RecordEvent(*state_, name, sdk::WallTime(*state_, sdk::SteadyNow()), attributes);
}

void Span::AddEvent(std::string_view name, AttributeMap attributes, std::optional<SystemTime> time) noexcept {
  if (!time) return AddEvent(name, attributes);
  if (recording()) sdk::RecordEvent(*state_, name, sdk::WallTime(*time), attributes);
}

void Span::AddLink(const SpanContext& context, AttributeMap attributes) noexcept {
  if (recording()) sdk::RecordLink(*state_, context, attributes);
}

void Span::RecordException(const std::exception& exception, AttributeMap attributes) noexcept {
  if (!recording()) return;
  try {
    const std::string type = sdk::TypeName(typeid(exception));
    std::vector<Attribute> all(attributes.begin(), attributes.end());
    for (const Attribute& own : {Attribute{"exception.type", type}, Attribute{"exception.message", exception.what()}}) {
      if (std::ranges::find(all, own.key, &Attribute::key) == all.end()) all.push_back(own);
    }
    StoreEvent("exception", AttributeMap(all));
  } catch (...) {
    ++state_->events_dropped;
  }
}

void Span::RecordCurrentException() noexcept {
  if (!recording() || std::current_exception() == nullptr) return;
  try {
    throw;
  } catch (const std::exception& exception) {
    RecordException(exception);
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    try {
      StoreEvent("exception", {{"exception.type", type == nullptr ? "unknown" : sdk::TypeName(*type)}});
    } catch (...) {
      ++state_->events_dropped;
    }
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

void Span::UpdateName(std::string_view name) noexcept {
  if (recording()) sdk::RecordName(*state_, name);
}

void Span::EndInDestructor() noexcept {
  sdk::SpanState* state = state_;
  if (state->lent) return;
  if (!state->recording) return sdk::Release(state);
  if (state->status == SpanStatus::kUnset && std::uncaught_exceptions() > state->exceptions) {
    state->status = SpanStatus::kError;
  }
  End();
}

// Not End(std::nullopt): an optional that is passed costs as much as a third of a span that is not recorded.
void Span::End() noexcept {
  if (state_ == nullptr || state_->lent) return;
  sdk::SpanState* state = std::exchange(state_, nullptr);
  if (state->recording) {
    sdk::Deliver(*state, sdk::WallTime(*state, sdk::SteadyNow()));
    sdk::CountEnded();
  }
  sdk::Release(state);
}

void Span::End(std::optional<SystemTime> time) noexcept {
  if (!time) return End();
  if (state_ == nullptr || state_->lent) return;
  sdk::SpanState* state = std::exchange(state_, nullptr);
  if (state->recording) {
    sdk::Deliver(*state, sdk::WallTime(*time));
    sdk::CountEnded();
  }
  sdk::Release(state);
}

}  // namespace nightjar
