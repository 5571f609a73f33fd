// The insides of a TracerProvider and of its tracers. Never destroyed, so that spans may end at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "bytes.h"
#include "nightjar/provider.h"

namespace nightjar::sdk {

// How the sampler is asked: the usual ones without a call.
enum class SamplingRule : std::uint8_t {
  kAskSampler,
  kParentDecides,        // ParentBased with its defaults: only roots, and children of a trace state, ask
  kParentDecidesElseOn,  // and roots are kept
  kAlways,
  kNever,
};

// Finished spans of one tracer: kSpans fields of a ScopeSpans, one after the other.
struct ScopeSpans {
  const TracerState* tracer = nullptr;
  ByteBuffer spans;
};

struct ProviderState {
  const std::vector<SpanProcessorPtr> processors;
  const SamplerPtr sampler;
  const SamplingRule sampling_rule;
  const SpanLimits limits;
  const std::shared_ptr<IdGenerator> id_generator;  // null: random ones
  const Masking masking;
  const bool masks;  // anything but long images
  const OwnedAttributes resource;
  const std::string resource_bytes;

  // Guarded by the mutex of all providers.
  struct Entry;
  std::list<Entry> tracers;
  bool stopped = false;
};

struct TracerState {
  const ProviderState& provider;
  const TracerOptions options;
  const std::string scope_bytes;
};

struct ProviderState::Entry {
  TracerState state;
  std::atomic<const TracerState*> slot;  // null after Shutdown
};

// The slot of tracer() of tracing.h.
extern constinit std::atomic<const TracerState*> g_tracer;

SamplingRule RuleOf(const Sampler& sampler);

// Null for a tracer that records nothing.
const TracerState* StateOf(const Tracer& tracer);

}  // namespace nightjar::sdk
