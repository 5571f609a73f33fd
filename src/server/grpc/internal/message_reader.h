// gRPC's framing of messages in a stream: a byte that says whether the message is compressed, four bytes of length,
// most significant first, the message (github.com/grpc/grpc, PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/http/internal/byte_budget.h"

namespace nightjar::server::internal {

struct FramedMessage {
  bool compressed = false;
  std::string bytes;
};

class MessageReader {
 public:
  explicit MessageReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Takes from the front of `bytes` until a message is complete or nothing is left. `charge` grows with what is kept.
  // kInvalidArgument: not this framing. kResourceExhausted: a message of more than the limit is announced; nothing of
  // it is kept. kUnavailable: the budget behind `charge` is spent.
  // REQUIRES: !complete()
  Result<void> Read(std::string_view& bytes, ByteCharge& charge);

  [[nodiscard]] bool complete() const { return prefix_size_ == kPrefixBytes && message_.bytes.size() == announced_; }
  // Between two messages: what came so far is whole.
  [[nodiscard]] bool between() const { return prefix_size_ == 0; }
  // "7 of 100 bytes"
  [[nodiscard]] std::string Progress() const;

  // The next message begins. REQUIRES: complete()
  FramedMessage Take();

 private:
  static constexpr std::size_t kPrefixBytes = 5;

  Result<void> ReadPrefix();

  std::size_t message_bytes_max_;
  std::array<unsigned char, kPrefixBytes> prefix_{};
  std::size_t prefix_size_ = 0;
  std::size_t announced_ = 0;  // known once the prefix is complete
  FramedMessage message_;
};

}  // namespace nightjar::server::internal
