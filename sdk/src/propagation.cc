#include "nightjar/propagation.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>

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

class TraceContext final : public Propagator {
 public:
  void Inject(const Context& context, Carrier& carrier) const override {
    const SpanContext& span = context.span();
    if (!span.valid()) return;
    const unsigned flags = (span.sampled ? 1U : 0U) | (span.random ? 2U : 0U);
    carrier.Write("traceparent",
                  "00-" + span.trace_id_hex() + "-" + span.span_id_hex() + "-0" + static_cast<char>('0' + flags));
    if (!span.trace_state.empty()) carrier.Write("tracestate", span.trace_state.header());
  }
  [[nodiscard]] Context Extract(const Carrier& carrier, Context context) const override {
    const std::vector<std::string> parents = carrier.Read("traceparent");
    std::optional<SpanContext> span = parents.size() == 1 ? ParseTraceParent(parents[0]) : std::nullopt;
    if (!span) return context;
    std::string states;
    for (const std::string& state : carrier.Read("tracestate")) states += (states.empty() ? "" : ",") + state;
    span->trace_state = TraceState::Parse(states).value_or(TraceState{});
    return context.WithSpan(std::move(*span));
  }
  [[nodiscard]] std::vector<std::string> fields() const override { return {"traceparent", "tracestate"}; }
};

class W3cBaggage final : public Propagator {
 public:
  void Inject(const Context& context, Carrier& carrier) const override {
    const Baggage* baggage = context.Find(kBaggage);
    const std::string header = baggage == nullptr ? std::string() : baggage->header();
    if (!header.empty()) carrier.Write("baggage", header);
  }
  [[nodiscard]] Context Extract(const Carrier& carrier, Context context) const override {
    std::string headers;
    for (const std::string& header : carrier.Read("baggage")) headers += (headers.empty() ? "" : ",") + header;
    Baggage baggage = Baggage::Parse(headers);
    return baggage.entries().empty() ? context : context.With(kBaggage, std::move(baggage));
  }
  [[nodiscard]] std::vector<std::string> fields() const override { return {"baggage"}; }
};

class B3 final : public Propagator {
 public:
  explicit B3(bool multi) : multi_(multi) {}

  void Inject(const Context& context, Carrier& carrier) const override {
    const SpanContext& span = context.span();
    if (!span.valid()) return;
    const char* sampled = span.sampled ? "1" : "0";
    if (!multi_) return carrier.Write("b3", span.trace_id_hex() + "-" + span.span_id_hex() + "-" + sampled);
    carrier.Write("x-b3-traceid", span.trace_id_hex());
    carrier.Write("x-b3-spanid", span.span_id_hex());
    carrier.Write("x-b3-sampled", sampled);
  }
  [[nodiscard]] Context Extract(const Carrier& carrier, Context context) const override {
    std::optional<SpanContext> span;
    if (const auto single = carrier.Read("b3"); single.size() == 1) {
      const std::string_view text = single[0];
      const std::size_t first = text.find('-');
      if (first == std::string_view::npos) return context;  // a decision without ids
      const std::string_view rest = text.substr(first + 1);
      const std::size_t second = std::min(rest.find('-'), rest.size());
      const std::string_view sampled = rest.substr(std::min(rest.size(), second + 1));
      span = Ids(text.substr(0, first), rest.substr(0, second));
      if (span) span->sampled = IsSampled(sampled.substr(0, sampled.find('-')));
    } else {
      const auto one = [&](std::string_view name) {
        const std::vector<std::string> values = carrier.Read(name);
        return values.size() == 1 ? values[0] : std::string();
      };
      span = Ids(one("x-b3-traceid"), one("x-b3-spanid"));
      if (span) span->sampled = one("x-b3-flags") == "1" || IsSampled(one("x-b3-sampled"));
    }
    return span ? context.WithSpan(std::move(*span)) : context;
  }
  [[nodiscard]] std::vector<std::string> fields() const override {
    if (!multi_) return {"b3"};
    return {"x-b3-traceid", "x-b3-spanid", "x-b3-sampled"};
  }

 private:
  static bool IsSampled(std::string_view text) { return text == "1" || text == "d" || text == "true"; }
  static std::optional<SpanContext> Ids(std::string_view trace_text, std::string_view span_text) {
    const auto trace_id = ParseId<16>(std::string(trace_text.size() == 16 ? 16 : 0, '0') + std::string(trace_text));
    const auto span_id = ParseId<8>(span_text);
    if (!trace_id || !span_id) return std::nullopt;
    return SpanContext{.trace_id = *trace_id, .span_id = *span_id, .remote = true};
  }
  const bool multi_;
};

class Composite final : public Propagator {
 public:
  explicit Composite(std::vector<PropagatorPtr> parts) : parts_(std::move(parts)) {}
  void Inject(const Context& context, Carrier& carrier) const override {
    for (const PropagatorPtr& part : parts_) part->Inject(context, carrier);
  }
  [[nodiscard]] Context Extract(const Carrier& carrier, Context context) const override {
    for (const PropagatorPtr& part : parts_) context = part->Extract(carrier, std::move(context));
    return context;
  }
  [[nodiscard]] std::vector<std::string> fields() const override {
    std::vector<std::string> all;
    for (const PropagatorPtr& part : parts_) {
      for (std::string& field : part->fields()) {
        if (std::ranges::find(all, field) == all.end()) all.push_back(std::move(field));
      }
    }
    return all;
  }

 private:
  const std::vector<PropagatorPtr> parts_;
};

constinit std::atomic<const Propagator*> g_propagator{nullptr};
constinit std::mutex g_propagator_mutex;

}  // namespace

std::vector<std::string> HeaderCarrier::Read(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers_) {
    if (sdk::LowerCase(key) == sdk::LowerCase(name)) values.push_back(value);
  }
  return values;
}

void HeaderCarrier::Write(std::string_view name, std::string_view value) {
  std::erase_if(headers_, [&](const auto& header) { return sdk::LowerCase(header.first) == sdk::LowerCase(name); });
  headers_.emplace_back(name, value);
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

}  // namespace

std::vector<std::string> EnvironmentCarrier::Read(std::string_view name) const {
  const std::string variable = VariableName(name);
  for (const std::string& written : variables_) {
    if (written.starts_with(variable + "=")) return {written.substr(variable.size() + 1)};
  }
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr || *value == '\0') return {};
  return {value};
}

void EnvironmentCarrier::Write(std::string_view name, std::string_view value) {
  const std::string variable = VariableName(name) + "=";
  std::erase_if(variables_, [&](const std::string& written) { return written.starts_with(variable); });
  variables_.push_back(variable + std::string(value));
}

PropagatorPtr TraceContextPropagator() { return std::make_shared<TraceContext>(); }
PropagatorPtr BaggagePropagator() { return std::make_shared<W3cBaggage>(); }
PropagatorPtr B3Propagator() { return std::make_shared<B3>(false); }
PropagatorPtr B3MultiPropagator() { return std::make_shared<B3>(true); }
PropagatorPtr CompositePropagator(std::vector<PropagatorPtr> parts) {
  return std::make_shared<Composite>(std::move(parts));
}

const Propagator& propagator() noexcept {
  const Propagator* current = g_propagator.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  static const auto* none = std::make_unique<const Composite>(std::vector<PropagatorPtr>()).release();
  return *none;
}

void SetPropagator(PropagatorPtr propagator) {
  // Kept for ever, since propagator() lends references; programs set it once.
  static auto* kept = new std::vector<PropagatorPtr>;
  const std::lock_guard lock(g_propagator_mutex);
  kept->push_back(std::move(propagator));
  g_propagator.store(kept->back().get(), std::memory_order_release);
}

}  // namespace nightjar
