#include "settings.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "owned.h"
#include "text.h"

namespace nightjar::sdk {
namespace {

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

  bool IsTrue(const char* name) {
    const std::string text = Text(name);
    const std::string value = LowerCase(text);
    if (!value.empty() && value != "true" && value != "false") Ignore(name, text);
    return value == "true";
  }

  // "key=value,key2=value2", values percent-encoded.
  KeyValues List(const char* name) {
    KeyValues list;
    const std::string text = Text(name);
    for (Split items(text, ','); items.Next();) {
      const std::string_view item = items.item();
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

SamplerPtr RootSampler(Reader& environment, std::string_view name) {
  if (name == "always_on") return AlwaysOnSampler();
  if (name == "always_off") return AlwaysOffSampler();
  if (name != "traceidratio") return nullptr;
  const std::string argument = environment.Text("OTEL_TRACES_SAMPLER_ARG");
  const auto ratio = argument.empty() ? 1.0 : ParseNumber<double>(argument);
  if (ratio && *ratio >= 0.0 && *ratio <= 1.0) return TraceIdRatioBasedSampler(*ratio);
  environment.Ignore("OTEL_TRACES_SAMPLER_ARG", argument);
  return TraceIdRatioBasedSampler(1.0);
}

SamplerPtr ResolveSampler(Reader& environment) {
  const std::string name = environment.Text("OTEL_TRACES_SAMPLER");
  constexpr std::string_view kParentBased = "parentbased_";
  if (name.starts_with(kParentBased)) {
    SamplerPtr root = RootSampler(environment, std::string_view(name).substr(kParentBased.size()));
    if (root != nullptr) return ParentBasedSampler({.root = std::move(root)});
  } else if (SamplerPtr sampler = RootSampler(environment, name)) {
    return sampler;
  }
  if (!name.empty()) environment.Ignore("OTEL_TRACES_SAMPLER", name);
  return ParentBasedSampler();
}

PropagatorPtr ResolvePropagator(Reader& environment) {
  std::string names = environment.Text("OTEL_PROPAGATORS");
  if (names.empty()) names = "tracecontext,baggage";
  std::vector<std::string_view> seen;
  std::vector<PropagatorPtr> parts;
  for (Split items(names, ','); items.Next();) {
    const std::string_view name = Trim(items.item());
    if (name.empty() || std::ranges::find(seen, name) != seen.end()) continue;
    seen.push_back(name);
    if (name == "tracecontext") {
      parts.push_back(TraceContextPropagator());
    } else if (name == "baggage") {
      parts.push_back(BaggagePropagator());
    } else if (name == "b3") {
      parts.push_back(B3Propagator());
    } else if (name == "b3multi") {
      parts.push_back(B3MultiPropagator());
    } else if (name != "none") {
      environment.Ignore("OTEL_PROPAGATORS", name);
    }
  }
  return CompositePropagator(std::move(parts));
}

SpanLimits ResolveLimits(Reader& environment) {
  SpanLimits limits;
  // The general variables first: those for spans win.
  environment.Count("OTEL_ATTRIBUTE_COUNT_LIMIT", 0, limits.attributes_max);
  limits.event_attributes_max = limits.link_attributes_max = limits.attributes_max;
  environment.Count("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", 0, limits.attributes_max);
  environment.Count("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, limits.value_length_max);
  environment.Count("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", 0, limits.value_length_max);
  environment.Count("OTEL_SPAN_EVENT_COUNT_LIMIT", 0, limits.events_max);
  environment.Count("OTEL_SPAN_LINK_COUNT_LIMIT", 0, limits.links_max);
  environment.Count("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", 0, limits.event_attributes_max);
  environment.Count("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", 0, limits.link_attributes_max);
  return limits;
}

Masking ResolveMasking(Reader& environment) {
  Masking masking;
  struct Switch {
    const char* name;
    bool Masking::* target;
  };
  for (const auto& [name, target] :
       std::initializer_list<Switch>{{"OPENINFERENCE_HIDE_INPUTS", &Masking::inputs},
                                     {"OPENINFERENCE_HIDE_OUTPUTS", &Masking::outputs},
                                     {"OPENINFERENCE_HIDE_INPUT_MESSAGES", &Masking::input_messages},
                                     {"OPENINFERENCE_HIDE_OUTPUT_MESSAGES", &Masking::output_messages},
                                     {"OPENINFERENCE_HIDE_INPUT_TEXT", &Masking::input_text},
                                     {"OPENINFERENCE_HIDE_OUTPUT_TEXT", &Masking::output_text},
                                     {"OPENINFERENCE_HIDE_INPUT_IMAGES", &Masking::input_images},
                                     {"OPENINFERENCE_HIDE_LLM_INVOCATION_PARAMETERS", &Masking::invocation_parameters},
                                     {"OPENINFERENCE_HIDE_LLM_TOOLS", &Masking::tools},
                                     {"OPENINFERENCE_HIDE_LLM_PROMPTS", &Masking::prompts},
                                     {"OPENINFERENCE_HIDE_PROMPTS", &Masking::prompts},
                                     {"OPENINFERENCE_HIDE_CHOICES", &Masking::choices},
                                     {"OPENINFERENCE_HIDE_EMBEDDING_VECTORS", &Masking::embedding_vectors},
                                     {"OPENINFERENCE_HIDE_EMBEDDINGS_VECTORS", &Masking::embedding_vectors},
                                     {"OPENINFERENCE_HIDE_EMBEDDINGS_TEXT", &Masking::embedding_text}}) {
    if (environment.IsTrue(name)) masking.*target = true;
  }
  environment.Count("OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH", 0, masking.base64_image_bytes_max);
  return masking;
}

// What the machine says of itself: host, operating system and program.
OwnedAttributes DetectResource() {
  OwnedAttributes resource;
  const auto add = [&](const char* key, std::string value) {
    if (!value.empty()) resource.emplace_back(key, OwnedValue{std::move(value)});
  };
  utsname system{};
  if (uname(&system) == 0) {
    const std::string_view machine = system.machine;
    add("host.name", system.nodename);
    add("host.arch", std::string(machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine));
    add("os.type", LowerCase(system.sysname));
  }
  std::array<char, 4096> path{};
  if (const ssize_t bytes = readlink("/proc/self/exe", path.data(), path.size()); bytes > 0) {
    const std::string_view program(path.data(), static_cast<std::size_t>(bytes));
    add("process.executable.name", std::string(program.substr(program.rfind('/') + 1)));
  }
  return resource;
}

void Assign(OwnedAttributes& attributes, std::string key, OwnedValue value) {
  const auto found = std::ranges::find(attributes, key, &OwnedAttributes::value_type::first);
  if (found == attributes.end()) {
    attributes.emplace_back(std::move(key), std::move(value));
  } else {
    found->second = std::move(value);
  }
}

// Later ones win: what was detected, the environment, the options.
void ResolveResource(const TracingOptions& options, Reader& environment, Settings& settings) {
  settings.service_name = options.service_name;
  if (settings.service_name.empty()) settings.service_name = environment.Text("OTEL_SERVICE_NAME");
  settings.resource = DetectResource();
  for (auto& [key, value] : environment.List("OTEL_RESOURCE_ATTRIBUTES")) {
    if (key == "service.name" && settings.service_name.empty()) settings.service_name = value;
    Assign(settings.resource, std::move(key), OwnedValue{std::move(value)});
  }
  std::string project = options.project_name;
  if (project.empty()) project = environment.Text("PHOENIX_PROJECT_NAME");
  if (!project.empty()) Assign(settings.resource, "openinference.project.name", OwnedValue{std::move(project)});
  if (settings.service_name.empty()) settings.service_name = "stack";
  Assign(settings.resource, "service.name", OwnedValue{settings.service_name});
  for (const auto& [key, value] : options.resource) Assign(settings.resource, key, CopyOf(value));
}

// False when no exporter is left.
bool ResolveExporters(const TracingOptions& options, Reader& environment, Settings& settings) {
  settings.console = options.console;
  std::string names = environment.Text("OTEL_TRACES_EXPORTER");
  if (names.empty()) names = "otlp";
  bool otlp = false;
  for (Split items(names, ','); items.Next();) {
    const std::string_view name = Trim(items.item());
    if (name == "otlp") {
      otlp = true;
    } else if (name == "console") {
      settings.console = true;
    } else if (name != "none" && !name.empty()) {
      environment.Ignore("OTEL_TRACES_EXPORTER", name);
    }
  }
  if (otlp) settings.otlp.endpoint = ResolveEndpoint(options, environment);
  return otlp || settings.console || !options.processors.empty();
}

// The variables of the signal go before the general ones.
void ResolveOtlp(Reader& environment, OtlpHttpOptions& otlp) {
  otlp.headers = environment.List("OTEL_EXPORTER_OTLP_HEADERS");
  const auto set_header = [&](std::string name, std::string value) {
    std::erase_if(otlp.headers, [&](const auto& header) { return LowerCase(header.first) == LowerCase(name); });
    otlp.headers.emplace_back(std::move(name), std::move(value));
  };
  for (auto& [name, value] : environment.List("OTEL_EXPORTER_OTLP_TRACES_HEADERS")) {
    set_header(std::move(name), std::move(value));
  }
  if (std::string key = environment.Text("PHOENIX_API_KEY"); !key.empty()) set_header("authorization", "Bearer " + key);

  environment.Milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", otlp.request_timeout);
  environment.Milliseconds("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", otlp.request_timeout);
  environment.Milliseconds("OTEL_BSP_EXPORT_TIMEOUT", otlp.export_timeout);
  for (const char* name : {"OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION"}) {
    const std::string compression = environment.Text(name);
    if (compression == "gzip") {
      otlp.compression = Compression::kGzip;
    } else if (compression == "none") {
      otlp.compression = Compression::kNone;
    } else if (!compression.empty()) {
      environment.Ignore(name, compression);
    }
  }
  for (const char* name : {"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"}) {
    const std::string protocol = environment.Text(name);
    if (!protocol.empty() && protocol != "http/protobuf") environment.Ignore(name, protocol);
  }
  otlp.certificate = environment.FirstText("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE");
  otlp.client_certificate =
      environment.FirstText("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE");
  otlp.client_key = environment.FirstText("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY");
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

  settings.propagator = ResolvePropagator(reader);
  const auto not_started = [&](InitStatus status, std::string error) {
    resolved.status = status;
    resolved.error = std::move(error);
    return std::move(resolved);
  };
  if (reader.IsTrue("OTEL_SDK_DISABLED")) return not_started(InitStatus::kDisabled, "OTEL_SDK_DISABLED is true");
  if (!ResolveExporters(options, reader, settings)) {
    return not_started(InitStatus::kDisabled, "OTEL_TRACES_EXPORTER names no exporter");
  }
  if (!settings.otlp.endpoint.empty() && !SplitUrl(settings.otlp.endpoint).valid) {
    return not_started(InitStatus::kInvalidEndpoint, "not an http:// or https:// URL: " + settings.otlp.endpoint);
  }
  if (!reader.Text("OTEL_CONFIG_FILE").empty()) reader.Ignore("OTEL_CONFIG_FILE", "configuration files are not read");
  ResolveOtlp(reader, settings.otlp);
  reader.Milliseconds("OTEL_BSP_SCHEDULE_DELAY", settings.batch.schedule_delay);
  reader.Count("OTEL_BSP_MAX_QUEUE_SIZE", 1, settings.batch.queue_spans_max);
  reader.Count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, settings.batch.batch_spans_max);
  settings.batch.batch_spans_max = std::min(settings.batch.batch_spans_max, settings.batch.queue_spans_max);
  settings.limits = ResolveLimits(reader);
  settings.sampler = options.sampler != nullptr ? options.sampler : ResolveSampler(reader);
  settings.masking = ResolveMasking(reader);
  ResolveResource(options, reader, settings);
  return resolved;
}

}  // namespace nightjar::sdk
