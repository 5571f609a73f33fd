#include "recording.h"

#include <time.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "encode.h"
#include "masking.h"
#include "provider_state.h"
#include "utf8.h"
#include "wire.h"

namespace nightjar::sdk {
namespace {

// An attribute's place is kept in 32 bits; OTLP requests end at 64 MiB anyway.
constexpr std::size_t kSpanBytesMax = 32U << 20;

template <std::size_t kSize>
std::string_view AsBytes(const std::array<std::uint8_t, kSize>& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

std::span<AttributeSlot> Slots(SpanState& state) { return {state.slots.data(), state.attribute_count}; }

// Takes bytes out of the middle, and moves what lies behind them.
void RemoveBytes(SpanState& state, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t removed = end - begin;
  state.bytes.Erase(begin, removed);
  for (AttributeSlot& later : Slots(state)) {
    if (later.begin < begin) continue;
    later.begin -= removed;
    later.end -= removed;
    later.key_begin -= removed;
  }
  if (state.name_begin > begin) {
    state.name_begin -= removed;
    state.name_end -= removed;
  }
}

// Removes the attribute `key`, if set, to make place for its new value.
void RemoveAttribute(SpanState& state, std::string_view key) {
  const std::string_view bytes = state.bytes.view();
  const std::span<AttributeSlot> slots = Slots(state);
  for (auto slot = slots.begin(); slot != slots.end(); ++slot) {
    if (slot->key_bytes != key.size() || bytes.substr(slot->key_begin, slot->key_bytes) != key) continue;
    const AttributeSlot removed = *slot;
    std::copy(slot + 1, slots.end(), slot);
    --state.attribute_count;
    RemoveBytes(state, removed.begin, removed.end);
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
template <typename Value>
void StoreAttribute(SpanState& state, std::string_view key, const Value& value) {
  const SpanLimits& limits = state.tracer->provider.limits;
  std::string scratch;
  key = CleanUtf8(key, kUnlimited, scratch);
  RemoveAttribute(state, key);
  if (key.empty() || state.attribute_count >= limits.attributes_max) {
    ++state.attributes_dropped;
    return;
  }
  const std::size_t begin = state.bytes.size();
  try {
    AppendKeyValue(state.bytes, field::kAttributes, key, value, limits);
    if (state.bytes.size() > kSpanBytesMax) throw std::length_error("span too large");
    if (state.attribute_count == state.slots.size()) state.slots.resize(2 * state.slots.size() + 8);
    state.slots[state.attribute_count++] = {
        static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(state.bytes.size()),
        KeyBegin(state.bytes.view(), begin), static_cast<std::uint32_t>(key.size())};
  } catch (...) {
    state.bytes.Truncate(begin);
    throw;
  }
}

// Appends an event or a link, or counts it as dropped.
template <typename Append>
void RecordPart(SpanState& state, std::size_t count_max, std::uint32_t& count, std::uint32_t& dropped,
                const Append& append) noexcept {
  if (count >= count_max) {
    ++dropped;
    return;
  }
  const std::size_t begin = state.bytes.size();
  try {
    append();
    if (state.bytes.size() > kSpanBytesMax) throw std::length_error("span too large");
    ++count;
  } catch (...) {
    state.bytes.Truncate(begin);
    ++dropped;
  }
}

}  // namespace

std::int64_t SteadyNow() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void BeginRecording(SpanState& state, std::string_view name, const Context* parent, const SpanOptions& options) {
  state.bytes.Clear();
  state.attribute_count = 0;
  state.status = SpanStatus::kUnset;
  state.attributes_dropped = state.events = state.events_dropped = state.links = state.links_dropped = 0;
  state.status_description.clear();
  state.exceptions = std::uncaught_exceptions();

  const SpanContext& context = state.context.span();
  std::uint32_t flags = kFlagKnowsRemote | (context.sampled ? kFlagSampled : 0) | (context.random ? kFlagRandom : 0);
  if (parent != nullptr && parent->span().remote) flags |= kFlagRemote;
  std::string scratch;
  const std::string_view clean_name = CleanUtf8(name, kUnlimited, scratch);
  const std::size_t name_bytes = DelimitedBytes(clean_name.size());
  const std::size_t parent_bytes = parent == nullptr ? 0 : DelimitedBytes(sizeof(SpanId));
  const std::size_t state_bytes = context.trace_state.empty() ? 0 : DelimitedBytes(context.trace_state.header().size());
  WireWriter span(state.bytes,
                  6 + DelimitedBytes(16) + DelimitedBytes(8) + parent_bytes + name_bytes + 2 + 9 + state_bytes);
  span.Raw(std::string_view("\x85\x01", 2));  // kFlags, whose tag takes two bytes
  span.Raw({reinterpret_cast<const char*>(&flags), sizeof(flags)});
  span.Delimited(field::kTraceId, AsBytes(context.trace_id));
  span.Delimited(field::kSpanId, AsBytes(context.span_id));
  if (parent != nullptr) span.Delimited(field::kParentSpanId, AsBytes(parent->span().span_id));
  state.name_begin = static_cast<std::uint32_t>(6 + DelimitedBytes(16) + DelimitedBytes(8) + parent_bytes);
  state.name_end = static_cast<std::uint32_t>(state.name_begin + name_bytes);
  span.Delimited(field::kName, clean_name);
  span.Varint(field::kKind, static_cast<std::uint64_t>(options.kind));
  span.Fixed64(field::kStartTime, options.start ? WallTime(*options.start) : WallTime(state, state.start_ns));
  if (state_bytes > 0) span.Delimited(field::kTraceState, context.trace_state.header());

  for (const Attribute& attribute : options.attributes) RecordAttribute(state, attribute.key, attribute.value);
  for (const Link& link : options.links) RecordLink(state, link.context, AttributeMap(link.attributes));
}

void RecordAttribute(SpanState& state, std::string_view key, const AttributeValue& value) noexcept try {
  const ProviderState& provider = state.tracer->provider;
  const auto* text = std::get_if<std::string_view>(&value);
  if (provider.masks || (text != nullptr && text->size() > provider.masking.base64_image_bytes_max)) [[unlikely]] {
    const Visibility visibility = VisibilityOf(provider.masking, key, value);
    if (visibility == Visibility::kLeftOut) return;
    if (visibility == Visibility::kRedacted) return StoreAttribute(state, key, AttributeValue(kRedacted));
  }
  StoreAttribute(state, key, value);
} catch (...) {
  ++state.attributes_dropped;
}

void RecordAttribute(SpanState& state, std::string_view key, const OwnedValue& value) noexcept try {
  StoreAttribute(state, key, value);
} catch (...) {
  ++state.attributes_dropped;
}

void RecordEvent(SpanState& state, std::string_view name, std::uint64_t time_unix_ns,
                 AttributeMap attributes) noexcept {
  const SpanLimits& limits = state.tracer->provider.limits;
  RecordPart(state, limits.events_max, state.events, state.events_dropped,
             [&] { AppendEvent(state.bytes, name, time_unix_ns, attributes, limits); });
}

void RecordLink(SpanState& state, const SpanContext& context, AttributeMap attributes) noexcept {
  if (!context.valid() && attributes.size() == 0 && context.trace_state.empty()) return;
  const SpanLimits& limits = state.tracer->provider.limits;
  RecordPart(state, limits.links_max, state.links, state.links_dropped,
             [&] { AppendLink(state.bytes, context, attributes, limits); });
}

void RecordName(SpanState& state, std::string_view name) noexcept try {
  std::string scratch;
  const std::string_view clean_name = CleanUtf8(name, kUnlimited, scratch);
  const auto bytes = static_cast<std::uint32_t>(DelimitedBytes(clean_name.size()));
  const auto begin = static_cast<std::uint32_t>(state.bytes.size());
  WireWriter(state.bytes, bytes).Delimited(field::kName, clean_name);
  const std::uint32_t removed = state.name_end - state.name_begin;
  RemoveBytes(state, state.name_begin, state.name_end);
  state.name_begin = begin - removed;
  state.name_end = state.name_begin + bytes;
} catch (...) {
  // No memory for the new name: the span keeps the old one.
}

void FinishRecording(SpanState& state, std::uint64_t end_unix_ns) {
  const std::size_t description_bytes =
      state.status_description.empty() ? 0 : DelimitedBytes(state.status_description.size());
  const auto varint_bytes = [](std::uint32_t count) { return count == 0 ? 0 : 1 + VarintBytes(count); };
  const std::size_t status_bytes = 2 + description_bytes;
  const bool has_status = state.status != SpanStatus::kUnset;
  const std::size_t bytes = 9 + varint_bytes(state.attributes_dropped) + varint_bytes(state.events_dropped) +
                            varint_bytes(state.links_dropped) + (has_status ? DelimitedBytes(status_bytes) : 0);
  WireWriter span(state.bytes, bytes);
  span.Fixed64(field::kEndTime, end_unix_ns);
  if (state.attributes_dropped > 0) span.Varint(field::kDroppedAttributes, state.attributes_dropped);
  if (state.events_dropped > 0) span.Varint(field::kDroppedEvents, state.events_dropped);
  if (state.links_dropped > 0) span.Varint(field::kDroppedLinks, state.links_dropped);
  if (!has_status) return;
  span.BeginMessage(field::kStatus, status_bytes);
  if (description_bytes > 0) span.Delimited(field::kStatusMessage, state.status_description);
  span.Varint(field::kStatusCode, static_cast<std::uint64_t>(state.status));
}

}  // namespace nightjar::sdk
