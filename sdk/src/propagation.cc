#include "nightjar/propagation.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

#include "never_destroyed.h"
#include "nightjar/baggage.h"
#include "text.h"

namespace nightjar {
namespace {

// Lower-case hex digits only, exactly as many as the id has, and not all zero.
template <std::size_t kSize>
std::optional<std::array<std::uint8_t, kSize>> ParseId(std::string_view text) {
  std::array<std::uint8_t, kSize> id{};
  if (text.size() != 2 * kSize) return std::nullopt;
  for (std::size_t i = 0; i < kSize; ++i) {
    const auto byte = sdk::ParseHex(text.substr(2 * i, 2));
    if (!byte) return std::nullopt;
    id[i] = static_cast<std::uint8_t>(*byte);
  }
  if (id == decltype(id){}) return std::nullopt;
  return id;
}

// W3C Trace Context level 2, 3.2.
std::optional<SpanContext> ParseTraceParent(std::string_view header) {
  header = sdk::Trim(header);
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  const auto version = sdk::ParseHex(header.substr(0, 2));
  if (!version || *version == 0xFF) return std::nullopt;
  if (header.size() > 55 && (*version == 0 || header[55] != '-')) return std::nullopt;
  const auto trace_id = ParseId<16>(header.substr(3, 32));
  const auto span_id = ParseId<8>(header.substr(36, 16));
  const auto flags = sdk::ParseHex(header.substr(53, 2));
  if (!trace_id || !span_id || !flags) return std::nullopt;
  return SpanContext{.trace_id = *trace_id,
                     .span_id = *span_id,
                     .sampled = (*flags & 1U) != 0,
                     .random = (*flags & 2U) != 0,
                     .remote = true};
}

// "TRACE-SPAN" in hex. Throws std::bad_alloc.
std::string Ids(const SpanContext& span) {
  std::string ids = span.trace_id_hex() + "-" + span.span_id_hex();
  if (ids.size() != 32 + 1 + 16) throw std::bad_alloc();
  return ids;
}

// What there is no memory for, and what a carrier throws, ends the work on it, and is not noticed further.
class Guarded : public Propagator {
 public:
  void Inject(const Context& context, Carrier& carrier) const noexcept final try {
    Write(context, carrier);
  } catch (...) {
    // Less than all was written.
  }
  [[nodiscard]] Context Extract(const Carrier& carrier, Context context) const noexcept final try {
    return Read(carrier, context);
  } catch (...) {
    return context;
  }
  [[nodiscard]] std::vector<std::string> fields() const noexcept final try { return Names(); } catch (...) {
    return {};
  }

 private:
  virtual void Write(const Context& context, Carrier& carrier) const = 0;
  [[nodiscard]] virtual Context Read(const Carrier& carrier, const Context& context) const = 0;
  [[nodiscard]] virtual std::vector<std::string> Names() const = 0;
};

class TraceContext final : public Guarded {
 private:
  void Write(const Context& context, Carrier& carrier) const override {
    const SpanContext& span = context.span();
    if (!span.valid()) return;
    const unsigned flags = (span.sampled ? 1U : 0U) | (span.random ? 2U : 0U);
    carrier.Write("traceparent", "00-" + Ids(span) + "-0" + static_cast<char>('0' + flags));
    if (!span.trace_state.empty()) carrier.Write("tracestate", span.trace_state.header());
  }
  [[nodiscard]] Context Read(const Carrier& carrier, const Context& context) const override {
    const std::vector<std::string> parents = carrier.Read("traceparent");
    std::optional<SpanContext> span = parents.size() == 1 ? ParseTraceParent(parents[0]) : std::nullopt;
    if (!span) return context;
    std::string states;
    for (const std::string& state : carrier.Read("tracestate")) states += (states.empty() ? "" : ",") + state;
    span->trace_state = TraceState::Parse(states).value_or(TraceState{});
    return context.WithSpan(std::move(*span));
  }
  [[nodiscard]] std::vector<std::string> Names() const override { return {"traceparent", "tracestate"}; }
};

class W3cBaggage final : public Guarded {
 private:
  void Write(const Context& context, Carrier& carrier) const override {
    const Baggage* baggage = context.Find(kBaggage);
    const std::string header = baggage == nullptr ? std::string() : baggage->header();
    if (!header.empty()) carrier.Write("baggage", header);
  }
  [[nodiscard]] Context Read(const Carrier& carrier, const Context& context) const override {
    std::string headers;
    for (const std::string& header : carrier.Read("baggage")) headers += (headers.empty() ? "" : ",") + header;
    Baggage baggage = Baggage::Parse(headers);
    return baggage.entries().empty() ? context : context.With(kBaggage, std::move(baggage));
  }
  [[nodiscard]] std::vector<std::string> Names() const override { return {"baggage"}; }
};

class B3 final : public Guarded {
 public:
  explicit B3(bool multi) : multi_(multi) {}

 private:
  void Write(const Context& context, Carrier& carrier) const override {
    const SpanContext& span = context.span();
    if (!span.valid()) return;
    const char* sampled = span.sampled ? "1" : "0";
    const std::string ids = Ids(span);
    if (!multi_) return carrier.Write("b3", ids + "-" + sampled);
    carrier.Write("x-b3-traceid", ids.substr(0, 32));
    carrier.Write("x-b3-spanid", ids.substr(33));
    carrier.Write("x-b3-sampled", sampled);
  }
  [[nodiscard]] Context Read(const Carrier& carrier, const Context& context) const override {
    std::optional<SpanContext> span;
    if (const auto single = carrier.Read("b3"); single.size() == 1) {
      const std::string_view text = single[0];
      const std::size_t first = text.find('-');
      if (first == std::string_view::npos) return context;  // a decision without ids
      const std::string_view rest = text.substr(first + 1);
      const std::size_t second = std::min(rest.find('-'), rest.size());
      const std::string_view sampled = rest.substr(std::min(rest.size(), second + 1));
      span = ParseIds(text.substr(0, first), rest.substr(0, second));
      if (span) span->sampled = IsSampled(sampled.substr(0, sampled.find('-')));
    } else {
      const auto one = [&](std::string_view name) {
        const std::vector<std::string> values = carrier.Read(name);
        return values.size() == 1 ? values[0] : std::string();
      };
      span = ParseIds(one("x-b3-traceid"), one("x-b3-spanid"));
      if (span) span->sampled = one("x-b3-flags") == "1" || IsSampled(one("x-b3-sampled"));
    }
    return span ? context.WithSpan(std::move(*span)) : context;
  }
  [[nodiscard]] std::vector<std::string> Names() const override {
    if (!multi_) return {"b3"};
    return {"x-b3-traceid", "x-b3-spanid", "x-b3-sampled"};
  }

  static bool IsSampled(std::string_view text) { return text == "1" || text == "d" || text == "true"; }
  static std::optional<SpanContext> ParseIds(std::string_view trace_text, std::string_view span_text) {
    const auto trace_id = ParseId<16>(std::string(trace_text.size() == 16 ? 16 : 0, '0') + std::string(trace_text));
    const auto span_id = ParseId<8>(span_text);
    if (!trace_id || !span_id) return std::nullopt;
    return SpanContext{.trace_id = *trace_id, .span_id = *span_id, .remote = true};
  }
  const bool multi_;
};

class Composite final : public Guarded {
 public:
  explicit Composite(std::vector<PropagatorPtr> parts) noexcept : parts_(std::move(parts)) {}

 private:
  void Write(const Context& context, Carrier& carrier) const override {
    for (const PropagatorPtr& part : parts_) part->Inject(context, carrier);
  }
  [[nodiscard]] Context Read(const Carrier& carrier, const Context& context) const override {
    Context read = context;
    for (const PropagatorPtr& part : parts_) read = part->Extract(carrier, std::move(read));
    return read;
  }
  [[nodiscard]] std::vector<std::string> Names() const override {
    std::vector<std::string> all;
    for (const PropagatorPtr& part : parts_) {
      for (std::string& field : part->fields()) {
        if (std::ranges::find(all, field) == all.end()) all.push_back(std::move(field));
      }
    }
    return all;
  }

  const std::vector<PropagatorPtr> parts_;
};

constinit std::atomic<const Propagator*> g_propagator{nullptr};
constinit std::mutex g_propagator_mutex;

}  // namespace

std::vector<std::string> HeaderCarrier::Read(std::string_view name) const noexcept try {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers_) {
    if (sdk::EqualButForCase(key, name)) values.push_back(value);
  }
  return values;
} catch (...) {
  return {};
}

void HeaderCarrier::Write(std::string_view name, std::string_view value) noexcept try {
  std::pair<std::string, std::string> header(name, value);
  std::erase_if(headers_, [&](const auto& other) { return sdk::EqualButForCase(other.first, name); });
  headers_.push_back(std::move(header));
} catch (...) {
  // No memory: not written.
}

void HeaderCarrier::Add(std::string name, std::string value) noexcept try {
  headers_.emplace_back(std::move(name), std::move(value));
} catch (...) {
  // No memory: not added.
}

namespace {

std::string VariableName(std::string_view name) {
  std::string variable(name);
  for (char& c : variable) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    c = letter ? static_cast<char>(c - 32) : kept ? c : '_';
  }
  return variable;
}

template <typename Own, typename... Arguments>
PropagatorPtr Make(Arguments&&... arguments) noexcept try {
  return std::make_shared<const Own>(std::forward<Arguments>(arguments)...);
} catch (...) {
  return nullptr;
}

}  // namespace

std::vector<std::string> EnvironmentCarrier::Read(std::string_view name) const noexcept try {
  const std::string variable = VariableName(name);
  for (const std::string& written : variables_) {
    if (written.starts_with(variable + "=")) return {written.substr(variable.size() + 1)};
  }
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr || *value == '\0') return {};
  return {value};
} catch (...) {
  return {};
}

void EnvironmentCarrier::Write(std::string_view name, std::string_view value) noexcept try {
  const std::string variable = VariableName(name) + "=";
  std::string assignment = variable + std::string(value);
  std::erase_if(variables_, [&](const std::string& written) { return written.starts_with(variable); });
  variables_.push_back(std::move(assignment));
} catch (...) {
  // No memory: not written.
}

PropagatorPtr TraceContextPropagator() noexcept { return Make<TraceContext>(); }
PropagatorPtr BaggagePropagator() noexcept { return Make<W3cBaggage>(); }
PropagatorPtr B3Propagator() noexcept { return Make<B3>(false); }
PropagatorPtr B3MultiPropagator() noexcept { return Make<B3>(true); }
PropagatorPtr CompositePropagator(std::vector<PropagatorPtr> parts) noexcept {
  std::erase(parts, nullptr);
  return Make<Composite>(std::move(parts));
}

const Propagator& propagator() noexcept {
  const Propagator* current = g_propagator.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  static const sdk::NeverDestroyed<Composite> none{std::vector<PropagatorPtr>()};
  return *none;
}

void SetPropagator(PropagatorPtr propagator) noexcept try {
  if (propagator == nullptr) return;
  // Kept for ever, since propagator() lends references; programs set it once.
  static auto* kept = new std::vector<PropagatorPtr>;
  const std::lock_guard lock(g_propagator_mutex);
  kept->push_back(std::move(propagator));
  g_propagator.store(kept->back().get(), std::memory_order_release);
} catch (...) {
  // No memory: the one before stays.
}

}  // namespace nightjar
