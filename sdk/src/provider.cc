#include "nightjar/provider.h"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <new>

#include "encode.h"
#include "never_destroyed.h"
#include "owned.h"
#include "provider_state.h"
#include "version.h"
#include "wire.h"

namespace nightjar {
namespace sdk {
namespace {

OwnedAttributes WithSdkAttributes(OwnedAttributes resource) {
  std::erase_if(resource, [](const auto& entry) { return entry.first.starts_with("telemetry.sdk."); });
  for (const auto& [key, value] :
       {std::pair("telemetry.sdk.language", "cpp"), std::pair("telemetry.sdk.name", "nightjar"),
        std::pair("telemetry.sdk.version", kVersion)}) {
    resource.emplace_back(key, OwnedValue{std::string(value)});
  }
  return resource;
}

}  // namespace

constinit std::atomic<const TracerState*> g_tracer{nullptr};

const TracerState* StateOf(const Tracer& tracer) { return tracer.slot_->load(std::memory_order_acquire); }

}  // namespace sdk

namespace {

// Of all providers, so that one fork handler can hold it.
constinit std::mutex g_tracers_mutex;

void HoldAcrossForks() {
  static const int registered = pthread_atfork([] { g_tracers_mutex.lock(); }, [] { g_tracers_mutex.unlock(); },
                                               [] { g_tracers_mutex.unlock(); });
  (void)registered;  // fails only without memory
}

}  // namespace

namespace {

std::unique_ptr<sdk::ProviderState> StateFrom(ProviderOptions options) {
  if (options.sampler == nullptr) options.sampler = ParentBasedSampler();
  if (options.sampler == nullptr) throw std::bad_alloc();
  OwnedAttributes resource = sdk::WithSdkAttributes(std::move(options.resource));
  std::string resource_bytes = sdk::EncodeResource(resource);
  const sdk::SamplingRule rule = sdk::RuleOf(*options.sampler);
  const bool masks = options.masking != Masking{};
  return std::make_unique<sdk::ProviderState>(std::move(options.processors), std::move(options.sampler), rule,
                                              options.limits, std::move(options.id_generator), options.masking, masks,
                                              std::move(resource), std::move(resource_bytes));
}

}  // namespace

TracerProvider& TracerProvider::Create(ProviderOptions options) noexcept try {
  HoldAcrossForks();
  std::erase(options.processors, nullptr);  // of a thread that could not be started
  struct Kept {
    std::unique_ptr<sdk::ProviderState> state;
    TracerProvider* provider;
  };
  static auto* all = new std::vector<Kept>;  // so that leak checkers see that they are kept
  std::unique_ptr<sdk::ProviderState> state = StateFrom(std::move(options));
  const std::lock_guard lock(g_tracers_mutex);
  all->reserve(all->size() + 1);
  auto* provider = new TracerProvider(*state);
  all->push_back({std::move(state), provider});
  return *provider;
} catch (...) {
  return Inert();
}

TracerProvider& TracerProvider::Inert() noexcept {
  static sdk::NeverDestroyed<sdk::ProviderState> state(
      std::vector<SpanProcessorPtr>(), AlwaysOffSampler(), sdk::SamplingRule::kNever, SpanLimits(),
      std::shared_ptr<IdGenerator>(), Masking(), false, OwnedAttributes(), std::string(),
      std::list<sdk::ProviderState::Entry>(), true);
  alignas(TracerProvider) static std::byte place[sizeof(TracerProvider)];
  static TracerProvider* const inert = new (place) TracerProvider(*state);
  return *inert;
}

Tracer TracerProvider::tracer(const TracerOptions& options) noexcept try {
  const std::lock_guard lock(g_tracers_mutex);
  if (state_.stopped) return {};
  for (auto& entry : state_.tracers) {
    const TracerOptions& known = entry.state.options;
    if (known.name == options.name && known.version == options.version && known.schema_url == options.schema_url &&
        known.attributes == options.attributes) {
      return Tracer(entry.slot);
    }
  }
  TracerOptions copy{.name = options.name, .version = options.version, .schema_url = options.schema_url};
  copy.attributes = sdk::CopyOf(options.attributes);
  std::string scope = sdk::EncodeScope(options);
  auto& entry = state_.tracers.emplace_back(sdk::TracerState{state_, std::move(copy), std::move(scope)}, nullptr);
  entry.slot.store(&entry.state, std::memory_order_release);
  return Tracer(entry.slot);
} catch (...) {
  return {};
}

namespace {

using Clock = std::chrono::steady_clock;

// Calls all, each with the time that is left. The worst status counts; statuses are ordered from good to bad.
template <typename Call>
FlushStatus ForEach(const std::vector<SpanProcessorPtr>& processors, std::chrono::milliseconds timeout, Call call) {
  const auto deadline = Clock::now() + std::min(timeout, std::chrono::milliseconds(std::chrono::hours(24)));
  FlushStatus worst = FlushStatus::kFlushed;
  for (const SpanProcessorPtr& processor : processors) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    worst = std::max(worst, call(*processor, std::max(left, std::chrono::milliseconds(0))));
  }
  return worst;
}

}  // namespace

FlushStatus TracerProvider::ForceFlush(std::chrono::milliseconds timeout) noexcept {
  return ForEach(state_.processors, timeout,
                 [](SpanProcessor& processor, auto left) { return processor.ForceFlush(left); });
}

FlushStatus TracerProvider::Shutdown(std::chrono::milliseconds timeout) noexcept {
  {
    const std::lock_guard lock(g_tracers_mutex);
    if (state_.stopped) return FlushStatus::kFailed;
    state_.stopped = true;
    for (auto& entry : state_.tracers) entry.slot.store(nullptr, std::memory_order_release);
  }
  return ForEach(state_.processors, timeout,
                 [](SpanProcessor& processor, auto left) { return processor.Shutdown(left); });
}

// ---- finished spans

SpanRecord ReadableSpan::Read() const noexcept try { return sdk::DecodeSpan(otlp_); } catch (...) {
  return {};
}
const std::string& ReadableSpan::scope_name() const noexcept { return tracer_->options.name; }
const std::string& ReadableSpan::scope_version() const noexcept { return tracer_->options.version; }
const OwnedAttributes& ReadableSpan::resource() const noexcept { return tracer_->provider.resource; }

SpanBatch::SpanBatch() noexcept = default;
SpanBatch::SpanBatch(SpanBatch&& other) noexcept
    : scopes_(std::move(other.scopes_)),
      count_(std::exchange(other.count_, 0)),
      bytes_(std::exchange(other.bytes_, 0)) {}
SpanBatch& SpanBatch::operator=(SpanBatch&& other) noexcept {
  scopes_ = std::move(other.scopes_);
  count_ = std::exchange(other.count_, 0);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}
SpanBatch::~SpanBatch() = default;

void SpanBatch::Add(const ReadableSpan& span) {
  auto scope = std::ranges::find(scopes_, &span.tracer(), &sdk::ScopeSpans::tracer);
  if (scope == scopes_.end()) scope = scopes_.insert(scopes_.end(), {&span.tracer(), {}});
  const std::size_t bytes = sdk::DelimitedBytes(span.otlp().size());
  sdk::WireWriter(scope->spans, bytes).Delimited(sdk::field::kSpans, span.otlp());
  bytes_ += bytes;
  ++count_;
}

void SpanBatch::Clear() noexcept {
  // The memory of the first scope, usually the only one.
  if (scopes_.size() > 1) scopes_.erase(scopes_.begin() + 1, scopes_.end());
  for (sdk::ScopeSpans& scope : scopes_) scope.spans.Clear();
  count_ = bytes_ = 0;
}

std::vector<ReadableSpan> SpanBatch::spans() const {
  std::vector<ReadableSpan> spans;
  spans.reserve(count_);
  for (const sdk::ScopeSpans& scope : scopes_) {
    sdk::WireReader reader(scope.spans.view());
    while (reader.Next()) spans.emplace_back(reader.bytes(), true, *scope.tracer);
  }
  return spans;
}

}  // namespace nightjar
