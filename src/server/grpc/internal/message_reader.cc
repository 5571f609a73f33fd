#include "server/grpc/internal/message_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace nightjar::server::internal {

Result<void> MessageReader::Read(std::string_view& bytes, ByteCharge& charge) {
  CHECK(!complete());
  while (prefix_size_ < kPrefixBytes) {
    if (bytes.empty()) return {};
    prefix_[prefix_size_++] = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (prefix_size_ == kPrefixBytes) RETURN_IF_ERROR(ReadPrefix());
  }
  const std::size_t taken = std::min(bytes.size(), announced_ - message_.bytes.size());
  if (!charge.TryResize(charge.bytes() + taken)) {
    return Fail(ErrorCode::kUnavailable, "too many bytes of requests are in work");
  }
  message_.bytes.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  return {};
}

Result<void> MessageReader::ReadPrefix() {
  if (prefix_[0] > 1) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("a message begins with byte {}, not 0 or 1", prefix_[0]));
  }
  message_.compressed = prefix_[0] == 1;
  announced_ = 0;
  for (std::size_t i = 1; i < kPrefixBytes; ++i) announced_ = announced_ << 8 | prefix_[i];
  if (announced_ > message_bytes_max_) {
    return Fail(ErrorCode::kResourceExhausted,
                fmt::format("the message has {} bytes, at most {} are taken", announced_, message_bytes_max_));
  }
  return {};
}

std::string MessageReader::Progress() const {
  if (prefix_size_ < kPrefixBytes) return fmt::format("{} of {} bytes before it", prefix_size_, kPrefixBytes);
  return fmt::format("{} of {} bytes", message_.bytes.size(), announced_);
}

FramedMessage MessageReader::Take() {
  CHECK(complete());
  prefix_size_ = 0;
  return std::exchange(message_, {});
}

}  // namespace nightjar::server::internal
