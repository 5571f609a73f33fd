#include "settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "version.h"

namespace nightjar::sdk {
namespace {

constexpr std::uint64_t kAllTraceIds = std::uint64_t{1} << 56;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* hex = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(hex, hex + 2, byte, 16).ptr == hex + 2) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// Reads one environment; remembers what it had to ignore.
class Reader {
 public:
  Reader(const Environment& environment, std::string& warning) : environment_(environment), warning_(warning) {}

  std::string Text(const char* name) const { return std::string(Trim(environment_(name))); }

  template <typename... Names>
  std::string FirstText(Names... names) const {
    std::string text;
    ((text = Text(names), !text.empty()) || ...);
    return text;
  }

  // `target` keeps its value when the variable is not set or not a number of `minimum` or more.
  void Count(const char* name, std::size_t minimum, std::size_t& target) {
    const std::string text = Text(name);
    if (text.empty()) return;
    const auto number = ParseNumber<std::size_t>(text);
    if (number && *number >= minimum) {
      target = *number;
    } else {
      Ignore(name, text);
    }
  }

  void Milliseconds(const char* name, std::chrono::milliseconds& target) {
    auto count = static_cast<std::size_t>(target.count());
    Count(name, 0, count);
    // Ten years: large enough for "never", small enough for clock arithmetic.
    target = std::chrono::milliseconds(std::min<std::size_t>(count, 315'360'000'000));
  }

  // "key=value,key2=value2", values percent-encoded.
  KeyValues List(const char* name) {
    KeyValues list;
    const std::string text = Text(name);
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), item.size() + 1));
      const std::size_t equals = item.find('=');
      const std::string_view key = Trim(item.substr(0, equals));
      if (Trim(item).empty()) continue;
      if (equals == std::string_view::npos || key.empty()) {
        Ignore(name, "an entry without key=value");  // the text may hold a secret
        continue;
      }
      list.emplace_back(PercentDecode(key), PercentDecode(Trim(item.substr(equals + 1))));
    }
    return list;
  }

  void Ignore(const char* name, std::string_view value) {
    if (!warning_.empty()) warning_ += "; ";
    warning_.append("ignored ").append(name).append(": ").append(value);
  }

 private:
  const Environment& environment_;
  std::string& warning_;
};

struct UrlParts {
  bool valid = false;
  bool has_path = false;
};

UrlParts SplitUrl(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    const bool valid = slash != 0 && !rest.empty() && rest.find_first_of(" \t\r\n") == std::string_view::npos;
    return {.valid = valid, .has_path = slash != std::string_view::npos && slash + 1 < rest.size()};
  }
  return {};
}

std::string WithTracesPath(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url + "/v1/traces";
}

std::string ResolveEndpoint(const TracingOptions& options, const Reader& environment) {
  std::string base = options.endpoint.empty() ? environment.Text("PHOENIX_COLLECTOR_ENDPOINT") : options.endpoint;
  if (!base.empty()) return SplitUrl(base).has_path ? base : WithTracesPath(std::move(base));
  // As is: the specification gives the signal's own variable no default path.
  std::string traces = environment.Text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (!traces.empty()) return traces;
  std::string generic = environment.Text("OTEL_EXPORTER_OTLP_ENDPOINT");
  return WithTracesPath(generic.empty() ? "http://localhost:6006" : std::move(generic));
}

std::string TraceState(std::uint64_t threshold) {
  if (threshold == 0 || threshold == kAllTraceIds) return {};
  std::string digits(14, '0');
  for (std::size_t i = digits.size(); i-- > 0; threshold >>= 4) digits[i] = "0123456789abcdef"[threshold & 15];
  digits.erase(digits.find_last_not_of('0') + 1);
  return "ot=th:" + digits;
}

Sampler ResolveSampler(Reader& environment) {
  std::string name = environment.Text("OTEL_TRACES_SAMPLER");
  Sampler sampler;
  if (name.empty()) return sampler;
  std::string_view root = name;
  sampler.follows_parent = root.starts_with("parentbased_");
  if (sampler.follows_parent) root.remove_prefix(std::string_view("parentbased_").size());
  if (root == "always_off") {
    sampler.threshold = kAllTraceIds;
  } else if (root == "traceidratio") {
    const std::string argument = environment.Text("OTEL_TRACES_SAMPLER_ARG");
    const auto ratio = argument.empty() ? 1.0 : ParseNumber<double>(argument);
    if (ratio && *ratio >= 0.0 && *ratio <= 1.0) {
      sampler.threshold = static_cast<std::uint64_t>(std::llround((1.0 - *ratio) * static_cast<double>(kAllTraceIds)));
    } else {
      environment.Ignore("OTEL_TRACES_SAMPLER_ARG", argument);
    }
  } else if (root != "always_on") {
    environment.Ignore("OTEL_TRACES_SAMPLER", name);
    return Sampler{};
  }
  sampler.trace_state = TraceState(sampler.threshold);
  return sampler;
}

SpanLimits ResolveLimits(Reader& environment) {
  SpanLimits limits;
  // The general variables first: those for spans win.
  environment.Count("OTEL_ATTRIBUTE_COUNT_LIMIT", 0, limits.attributes_max);
  environment.Count("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", 0, limits.attributes_max);
  environment.Count("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, limits.value_characters_max);
  environment.Count("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, limits.value_characters_max);
  environment.Count("OTEL_SPAN_EVENT_COUNT_LIMIT", 0, limits.events_max);
  environment.Count("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", 0, limits.event_attributes_max);
  return limits;
}

void ResolveResource(const TracingOptions& options, Reader& environment, Settings& settings) {
  settings.service_name = options.service_name;
  if (settings.service_name.empty()) settings.service_name = environment.Text("OTEL_SERVICE_NAME");
  settings.resource = {
      {"telemetry.sdk.language", "cpp"}, {"telemetry.sdk.name", "nightjar"}, {"telemetry.sdk.version", kVersion}};
  for (auto& [key, value] : environment.List("OTEL_RESOURCE_ATTRIBUTES")) {
    if (key.starts_with("telemetry.sdk.")) continue;
    if (key != "service.name") {
      settings.resource.emplace_back(std::move(key), std::move(value));
    } else if (settings.service_name.empty()) {
      settings.service_name = std::move(value);
    }
  }
  if (settings.service_name.empty()) settings.service_name = "stack";
  settings.resource.emplace_back("service.name", settings.service_name);
}

// False when no exporter is left.
bool ResolveExporters(const TracingOptions& options, Reader& environment, Settings& settings) {
  settings.console = options.console;
  std::string names = environment.Text("OTEL_TRACES_EXPORTER");
  if (names.empty()) names = "otlp";
  bool otlp = false;
  std::string_view rest = names;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::string_view name = Trim(item);
    if (name == "otlp") {
      otlp = true;
    } else if (name == "console") {
      settings.console = true;
    } else if (name != "none" && !name.empty()) {
      environment.Ignore("OTEL_TRACES_EXPORTER", name);
    }
  }
  if (otlp) settings.endpoint = ResolveEndpoint(options, environment);
  return otlp || settings.console;
}

}  // namespace

std::string ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

ResolvedSettings ResolveSettings(const TracingOptions& options, const Environment& environment) {
  ResolvedSettings resolved;
  Settings& settings = resolved.settings;
  Reader reader(environment, settings.warning);

  std::string disabled = reader.Text("OTEL_SDK_DISABLED");
  std::ranges::transform(disabled, disabled.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (disabled == "true")
    return {.status = InitStatus::kDisabled, .error = "OTEL_SDK_DISABLED is true", .settings = {}};
  if (!ResolveExporters(options, reader, settings)) {
    return {.status = InitStatus::kDisabled, .error = "OTEL_TRACES_EXPORTER names no exporter", .settings = {}};
  }
  if (!settings.endpoint.empty() && !SplitUrl(settings.endpoint).valid) {
    return {.status = InitStatus::kInvalidEndpoint,
            .error = "not an http:// or https:// URL: " + settings.endpoint,
            .settings = {}};
  }

  settings.headers = reader.List("OTEL_EXPORTER_OTLP_HEADERS");
  for (auto& header : reader.List("OTEL_EXPORTER_OTLP_TRACES_HEADERS")) {
    std::erase_if(settings.headers, [&](const auto& general) { return general.first == header.first; });
    settings.headers.push_back(std::move(header));
  }
  reader.Milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", settings.request_timeout);
  reader.Milliseconds("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", settings.request_timeout);
  reader.Milliseconds("OTEL_BSP_SCHEDULE_DELAY", settings.schedule_delay);
  reader.Milliseconds("OTEL_BSP_EXPORT_TIMEOUT", settings.export_timeout);
  reader.Count("OTEL_BSP_MAX_QUEUE_SIZE", 1, settings.queue_spans_max);
  reader.Count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, settings.batch_spans_max);
  settings.batch_spans_max = std::min(settings.batch_spans_max, settings.queue_spans_max);
  settings.limits = ResolveLimits(reader);
  settings.sampler = ResolveSampler(reader);
  ResolveResource(options, reader, settings);
  return resolved;
}

}  // namespace nightjar::sdk
