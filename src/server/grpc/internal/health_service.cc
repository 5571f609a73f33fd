#include "server/grpc/internal/health_service.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <utility>

namespace nightjar::server::internal {
namespace {

constexpr std::size_t kMessageBytesMax = 64 << 10;
constexpr std::chrono::milliseconds kWatchTick{1000};  // how late a watcher may learn of a change

constexpr std::array<std::string_view, 5> kServices = {
    "", "opentelemetry.proto.collector.trace.v1.TraceService", "opentelemetry.proto.collector.logs.v1.LogsService",
    "opentelemetry.proto.collector.metrics.v1.MetricsService", "grpc.health.v1.Health"};

// HealthCheckRequest{string service = 1}. Nothing: not protobuf.
std::optional<std::string> ServiceOf(std::string_view message) {
  try {
    std::string service;
    protozero::pbf_reader request(message.data(), message.size());
    while (request.next()) {
      if (request.tag_and_type() == protozero::tag_and_type(1, protozero::pbf_wire_type::length_delimited)) {
        service = request.get_string();
      } else {
        request.skip();
      }
    }
    return service;
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
}

const Error kNotProtobuf{ErrorCode::kInvalidArgument, "the message is not a HealthCheckRequest"};

}  // namespace

HealthService::HealthService(boost::asio::io_context& io, std::function<Result<void>()> ready)
    : ready_(std::move(ready)), tick_(io) {}

void HealthService::AddTo(GrpcMethods& methods) {
  methods["/grpc.health.v1.Health/Check"] = {
      .shape = CallShape::kUnary,
      .where = CallRunsOn::kIo,
      .message_bytes_max = kMessageBytesMax,
      .handle = [this](const std::shared_ptr<Call>& call, const std::string& message) { Check(*call, message); }};
  methods["/grpc.health.v1.Health/Watch"] = {
      .shape = CallShape::kServerStreaming,
      .where = CallRunsOn::kIo,
      .message_bytes_max = kMessageBytesMax,
      .handle = [this](const std::shared_ptr<Call>& call, const std::string& message) { Watch(call, message); }};
}

void HealthService::Check(Call& call, std::string_view message) {
  const std::optional<std::string> service = ServiceOf(message);
  if (!service) return call.Fail(kNotProtobuf);
  const Serving serving = StateOf(*service);
  if (serving == Serving::kServiceUnknown) {
    return call.Fail({ErrorCode::kNotFound, "no service of that name is served here"});
  }
  call.SendAndFinish(Encode(serving));
}

void HealthService::Watch(const std::shared_ptr<Call>& call, std::string_view message) {
  const std::optional<std::string> service = ServiceOf(message);
  if (!service) return call->Fail(kNotProtobuf);
  const Serving serving = StateOf(*service);
  call->Send(Encode(serving));
  const std::lock_guard lock(mutex_);
  if (stopped_) return call->Fail({ErrorCode::kUnavailable, "the server stops"});
  watchers_.push_back({call, *service, serving});
  if (watchers_.size() == 1) Tick();
}

HealthService::Serving HealthService::StateOf(std::string_view service) const {
  if (std::ranges::find(kServices, service) == kServices.end()) return Serving::kServiceUnknown;
  return ready_() ? Serving::kServing : Serving::kNotServing;
}

// REQUIRES: mutex_ is held.
void HealthService::Tick() {
  tick_.expires_after(kWatchTick);
  tick_.async_wait([this](const boost::system::error_code& ec) {
    const std::lock_guard lock(mutex_);
    if (ec || stopped_) return;
    std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.call->ended(); });
    for (Watcher& watcher : watchers_) {
      const Serving serving = StateOf(watcher.service);
      if (std::exchange(watcher.told, serving) != serving) watcher.call->Send(Encode(serving));
    }
    if (!watchers_.empty()) Tick();
  });
}

void HealthService::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  tick_.cancel();
  for (const Watcher& watcher : watchers_) {
    if (watcher.told == Serving::kServing) watcher.call->Send(Encode(Serving::kNotServing));
    watcher.call->Fail({ErrorCode::kUnavailable, "the server stops"});
  }
  watchers_.clear();
}

// HealthCheckResponse{ServingStatus status = 1}.
std::string HealthService::Encode(Serving serving) {
  std::string out;
  protozero::pbf_writer(out).add_enum(1, static_cast<int>(serving));
  return out;
}

}  // namespace nightjar::server::internal
