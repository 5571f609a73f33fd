#include "server/grpc/internal/message_reader.h"

#include <gtest/gtest.h>

#include <memory>

namespace nightjar::server::internal {
namespace {

constexpr std::string_view kOwl("\0\0\0\0\3owl", 8);

class MessageReaderTest : public testing::Test {
 protected:
  Result<void> Read(std::string_view bytes) {
    left_ = bytes;
    return reader_.Read(left_, charge_);
  }

  std::shared_ptr<ByteBudget> budget_ = std::make_shared<ByteBudget>(20);
  ByteCharge charge_{budget_};
  MessageReader reader_{10};
  std::string_view left_;
};

TEST_F(MessageReaderTest, CutAnywhere) {
  for (std::size_t cut = 0; cut <= kOwl.size(); ++cut) {
    MessageReader reader(10);
    std::string_view first = kOwl.substr(0, cut);
    std::string_view second = kOwl.substr(cut);
    ASSERT_TRUE(reader.Read(first, charge_));
    EXPECT_EQ(reader.between(), cut == 0);
    if (!reader.complete()) {
      ASSERT_TRUE(reader.Read(second, charge_));
    }
    ASSERT_TRUE(reader.complete()) << cut;
    const FramedMessage message = reader.Take();
    EXPECT_EQ(message.bytes, "owl");
    EXPECT_FALSE(message.compressed);
    EXPECT_TRUE(reader.between());
    ASSERT_TRUE(charge_.TryResize(0));
  }
}

TEST_F(MessageReaderTest, TheNextMessageIsLeft) {
  ASSERT_TRUE(Read(std::string(kOwl) + std::string("\1\0\0\0\1x", 6)));
  EXPECT_EQ(reader_.Take().bytes, "owl");
  ASSERT_TRUE(reader_.Read(left_, charge_));
  const FramedMessage second = reader_.Take();
  EXPECT_TRUE(second.compressed);
  EXPECT_EQ(second.bytes, "x");
  EXPECT_EQ(charge_.bytes(), 4U);
}

TEST_F(MessageReaderTest, AnEmptyMessageIsOne) {
  ASSERT_TRUE(Read(std::string_view("\0\0\0\0\0", 5)));
  EXPECT_TRUE(reader_.complete());
  EXPECT_EQ(reader_.Take().bytes, "");
}

TEST_F(MessageReaderTest, OverItsLimitBeforeAnyByteIsKept) {
  const Result<void> read = Read(std::string_view("\0\0\0\0\x0Bowl", 8));
  EXPECT_EQ(read.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(charge_.bytes(), 0U);
}

TEST_F(MessageReaderTest, TheBudgetHolds) {
  ByteCharge other(budget_);
  ASSERT_TRUE(other.TryResize(18));
  EXPECT_EQ(Read(kOwl).error().code, ErrorCode::kUnavailable);
}

TEST_F(MessageReaderTest, AnotherFlag) {
  EXPECT_EQ(Read(std::string_view("\2\0\0\0\0", 5)).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace nightjar::server::internal
