#include "server/grpc/internal/call.h"

#include <algorithm>

namespace nightjar::server::internal {

void Call::Send(std::string message) { Deliver({.message = std::move(message), .end = std::nullopt}); }

void Call::Finish(GrpcStatus status) { Deliver({.message = std::nullopt, .end = std::move(status)}); }

void Call::SendAndFinish(std::string message) { Deliver({.message = std::move(message), .end = GrpcStatus()}); }

void Call::Deliver(CallEvent event) {
  const std::lock_guard lock(mutex_);
  if (!deliver_) return;
  const bool last = event.end.has_value();
  deliver_(std::move(event));
  if (last) deliver_ = nullptr;
}

void Call::Detach() {
  const std::lock_guard lock(mutex_);
  deliver_ = nullptr;
}

bool Call::ended() const {
  const std::lock_guard lock(mutex_);
  return !deliver_;
}

std::string_view Call::metadata(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace nightjar::server::internal
