#include "server/grpc/internal/wire.h"

#include <gtest/gtest.h>

namespace nightjar::server::internal {
namespace {

using std::chrono::nanoseconds;

TEST(WireTest, ContentTypesOfGrpc) {
  EXPECT_TRUE(IsGrpcContentType("application/grpc"));
  EXPECT_TRUE(IsGrpcContentType("application/grpc+proto"));
  EXPECT_TRUE(IsGrpcContentType("application/grpc ; charset=utf-8"));
  EXPECT_FALSE(IsGrpcContentType("application/grpc+json"));
  EXPECT_FALSE(IsGrpcContentType("application/grpc-web"));
  EXPECT_FALSE(IsGrpcContentType("application/x-protobuf"));
  EXPECT_FALSE(IsGrpcContentType(""));
}

TEST(WireTest, Timeouts) {
  EXPECT_EQ(ParseGrpcTimeout("1n"), nanoseconds(1));
  EXPECT_EQ(ParseGrpcTimeout("2u"), nanoseconds(2'000));
  EXPECT_EQ(ParseGrpcTimeout("100m"), nanoseconds(100'000'000));
  EXPECT_EQ(ParseGrpcTimeout("10S"), nanoseconds(10'000'000'000));
  EXPECT_EQ(ParseGrpcTimeout("1M"), nanoseconds(60'000'000'000));
  EXPECT_EQ(ParseGrpcTimeout("1H"), nanoseconds(3'600'000'000'000));
  EXPECT_GT(ParseGrpcTimeout("99999999H"), nanoseconds(0));  // the longest there is: no overflow
  EXPECT_EQ(ParseGrpcTimeout("0S"), nanoseconds(0));
}

TEST(WireTest, NoTimeouts) {
  for (const char* const text : {"", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789S", "1 S", "0x1S"}) {
    EXPECT_EQ(ParseGrpcTimeout(text), std::nullopt) << text;
  }
}

TEST(WireTest, MessagesArePrintableAscii) {
  EXPECT_EQ(EncodeGrpcMessage("the call holds no message"), "the call holds no message");
  EXPECT_EQ(EncodeGrpcMessage("100%"), "100%25");
  EXPECT_EQ(EncodeGrpcMessage("a\nb\x7F\xC3\xA9"), "a%0Ab%7F%C3%A9");
  EXPECT_EQ(EncodeGrpcMessage(std::string(3000, 'x')), std::string(2000, 'x') + "...");
}

}  // namespace
}  // namespace nightjar::server::internal
