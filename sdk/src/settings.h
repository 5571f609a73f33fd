// What tracing runs with: options first, then the environment, then the defaults of the OpenTelemetry specification.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nightjar/propagation.h"
#include "nightjar/tracing.h"

namespace nightjar::sdk {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

struct Settings {
  OtlpHttpOptions otlp;  // an empty endpoint: nothing leaves over HTTP
  BatchOptions batch;
  bool console = false;
  SpanLimits limits;
  SamplerPtr sampler;
  PropagatorPtr propagator;
  Masking masking;
  std::string service_name;
  OwnedAttributes resource;  // includes service.name
  std::string warning;       // what in the environment was ignored; empty when nothing was
};

// Looks a variable up; empty when it is not set.
using Environment = std::function<std::string(const char* name)>;
std::string ProcessEnvironment(const char* name);

struct ResolvedSettings {
  InitStatus status = InitStatus::kStarted;
  std::string error;  // set unless kStarted
  Settings settings;  // usable when kStarted; the propagator always: contexts go through a program that records none
};
ResolvedSettings ResolveSettings(const TracingOptions& options, const Environment& environment);

}  // namespace nightjar::sdk
