// grpc.health.v1.Health (github.com/grpc/grpc, doc/health-checking.md): SERVING as long as /readyz says so, for the
// server as a whole ("") and for each of its services.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/grpc/internal/call.h"

namespace nightjar::server::internal {

// Thread-safe.
class HealthService {
 public:
  // REQUIRES: `io` and what `ready` uses outlive the service.
  HealthService(boost::asio::io_context& io, std::function<Result<void>()> ready);

  // REQUIRES: the service outlives `methods`.
  void AddTo(GrpcMethods& methods);

  // Tells all watchers NOT_SERVING and ends their calls.
  void Stop();

 private:
  enum class Serving { kUnknown = 0, kServing = 1, kNotServing = 2, kServiceUnknown = 3 };
  struct Watcher {
    std::shared_ptr<Call> call;
    std::string service;
    Serving told;
  };

  void Check(Call& call, std::string_view message);
  void Watch(const std::shared_ptr<Call>& call, std::string_view message);
  [[nodiscard]] Serving StateOf(std::string_view service) const;
  void Tick();

  static std::string Encode(Serving serving);

  const std::function<Result<void>()> ready_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  boost::asio::steady_timer tick_;  // runs while somebody watches
  std::list<Watcher> watchers_;
  bool stopped_ = false;
};

}  // namespace nightjar::server::internal
