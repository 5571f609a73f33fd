#include "server/grpc/internal/call.h"

#include <algorithm>

namespace nightjar::server::internal {

void Call::Send(std::string message) {
  const std::lock_guard lock(mutex_);
  if (deliver_) deliver_(std::move(message));
}

void Call::Finish(GrpcStatus status) {
  const std::lock_guard lock(mutex_);
  if (deliver_) deliver_(std::move(status));
  deliver_ = nullptr;
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
