#include "nightjar/context.h"

#include <algorithm>
#include <vector>

#include "never_destroyed.h"
#include "text.h"

namespace nightjar {
namespace {

constexpr std::size_t kEntriesMax = 32;

// W3C Trace Context level 2, 3.3.1.3.1: simple keys and keys of multi-tenant systems alike.
bool IsStateKey(std::string_view key) {
  if (key.empty() || key.size() > 256) return false;
  const auto lower_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto allowed = [&](char c) { return lower_or_digit(c) || c == '_' || c == '-' || c == '*' || c == '/'; };
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos) return lower_or_digit(key[0]) && std::ranges::all_of(key, allowed);
  const std::string_view tenant = key.substr(0, at);
  const std::string_view system = key.substr(at + 1);
  return !tenant.empty() && tenant.size() <= 241 && lower_or_digit(tenant[0]) && std::ranges::all_of(tenant, allowed) &&
         !system.empty() && system.size() <= 14 && system[0] >= 'a' && system[0] <= 'z' &&
         std::ranges::all_of(system, allowed);
}

// 3.3.1.3.2: printable ASCII but "," and "=", at most 256, and no space at the end.
bool IsStateValue(std::string_view value) {
  return !value.empty() && value.size() <= 256 && value.back() != ' ' &&
         std::ranges::all_of(value, [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

template <std::size_t kSize>
std::string Hex(const std::array<std::uint8_t, kSize>& bytes) noexcept try {
  std::string hex;
  hex.reserve(2 * kSize);
  for (const std::uint8_t byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
} catch (...) {
  return {};
}

// Calls `each(entry, key)` for the entries of a header that is well-formed.
template <typename Each>
void ForEachEntry(std::string_view header, Each each) {
  for (sdk::Split entries(header, ','); entries.Next();)
    each(entries.item(), entries.item().substr(0, entries.item().find('=')));
}

}  // namespace

TraceState::TraceState(std::string header)
    : header_(header.empty() ? nullptr : std::make_shared<const std::string>(std::move(header))) {}

const std::string& TraceState::header() const noexcept {
  static const sdk::NeverDestroyed<std::string> none;
  return header_ == nullptr ? *none : *header_;
}

std::optional<TraceState> TraceState::Parse(std::string_view header) noexcept try {
  std::string state;
  std::vector<std::string_view> keys;
  for (sdk::Split entries(header, ','); entries.Next();) {
    const std::string_view entry = sdk::Trim(entries.item());
    if (entry.empty()) continue;  // allowed
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = entry.substr(0, equals);
    if (!IsStateKey(key) || !IsStateValue(entry.substr(equals + 1))) return std::nullopt;
    if (std::ranges::find(keys, key) != keys.end() || keys.size() == kEntriesMax) return std::nullopt;
    keys.push_back(key);
    if (!state.empty()) state += ',';
    state += entry;
  }
  return TraceState(std::move(state));
} catch (...) {
  return std::nullopt;
}

std::string_view TraceState::Find(std::string_view key) const noexcept {
  std::string_view value;
  ForEachEntry(header(), [&](std::string_view entry, std::string_view name) {
    if (name == key) value = entry.substr(name.size() + 1);
  });
  return value;
}

TraceState TraceState::With(std::string_view key, std::string_view value) const noexcept try {
  if (!IsStateKey(key) || !IsStateValue(value)) return *this;
  std::string state;
  state.append(key).append("=").append(value);
  std::size_t count = 1;
  ForEachEntry(header(), [&](std::string_view entry, std::string_view name) {
    if (name != key && count++ < kEntriesMax) state.append(",").append(entry);
  });
  return TraceState(std::move(state));
} catch (...) {
  return *this;
}

TraceState TraceState::Without(std::string_view key) const noexcept try {
  std::string state;
  ForEachEntry(header(), [&](std::string_view entry, std::string_view name) {
    if (name == key) return;
    if (!state.empty()) state += ',';
    state += entry;
  });
  return TraceState(std::move(state));
} catch (...) {
  return *this;
}

std::string SpanContext::trace_id_hex() const noexcept { return Hex(trace_id); }
std::string SpanContext::span_id_hex() const noexcept { return Hex(span_id); }

Context Context::WithValue(const void* key, std::shared_ptr<const void> value) const {
  Context copy = *this;
  copy.values_ = std::make_shared<const sdk::ContextValue>(sdk::ContextValue{key, std::move(value), values_});
  return copy;
}

}  // namespace nightjar
