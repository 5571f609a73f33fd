#include "server/http/internal/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <memory>
#include <string>

namespace nightjar::server::internal {
namespace {

using std::string_literals::operator""s;

// Written by Python's gzip.compress(b"hello", mtime=0) and of b" world".
const std::string kHello =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00"s;
const std::string kWorld =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53\x28\xcf\x2f\xca\x49\x01\x00\xcb\x42\x3b\x4a\x06\x00\x00\x00"s;

// `size` zero bytes as gzip: about a thousandth of that.
std::string Zeros(std::size_t size) {
  const std::string plain(size, '\0');
  std::string out(size / 500 + 100, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class GunzipTest : public testing::Test {
 protected:
  ErrorCode CodeOf(std::string_view compressed, std::size_t output_bytes_max = 1000) {
    const auto out = Gunzip(compressed, output_bytes_max, charge_);
    EXPECT_FALSE(out);
    return out ? ErrorCode::kInternal : out.error().code;
  }
  std::shared_ptr<ByteBudget> budget_ = std::make_shared<ByteBudget>(10 << 20);
  ByteCharge charge_{budget_};
};

TEST_F(GunzipTest, OneMember) {
  EXPECT_EQ(Gunzip(kHello, 5, charge_).value(), "hello");
  EXPECT_EQ(charge_.bytes(), 5U);
}

TEST_F(GunzipTest, ConcatenatedMembers) { EXPECT_EQ(Gunzip(kHello + kWorld, 11, charge_).value(), "hello world"); }

TEST_F(GunzipTest, OutputLargerThanOneStep) {
  const auto out = Gunzip(Zeros(1'000'000), 1'000'000, charge_);
  ASSERT_TRUE(out);
  EXPECT_EQ(*out, std::string(1'000'000, '\0'));
}

TEST_F(GunzipTest, TheLimitHoldsOverAllMembers) {
  EXPECT_EQ(CodeOf(kHello, 4), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(kHello + kWorld, 10), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(Zeros(10'000'000), 1 << 20), ErrorCode::kResourceExhausted);
  EXPECT_LE(charge_.bytes(), (1U << 20) + 3 * 11U);
}

TEST_F(GunzipTest, TheBudgetHolds) {
  ByteCharge other(budget_);
  ASSERT_TRUE(other.TryResize((10 << 20) - 4));
  EXPECT_EQ(CodeOf(kHello), ErrorCode::kUnavailable);
}

TEST_F(GunzipTest, RejectsWhatIsNotGzip) {
  EXPECT_EQ(CodeOf(""), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf("hello"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf("\x78\x9c\x03\x00\x00\x00\x00\x01"s), ErrorCode::kInvalidArgument);  // zlib's framing
  EXPECT_EQ(CodeOf(kHello + "x"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(kHello + "\x1f"s), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(kHello + "\0\0"s), ErrorCode::kInvalidArgument);
}

TEST_F(GunzipTest, RejectsACutAtEveryByte) {
  for (std::size_t size = 0; size < kHello.size(); ++size) {
    EXPECT_EQ(CodeOf(kHello.substr(0, size)), ErrorCode::kInvalidArgument) << size;
  }
}

TEST_F(GunzipTest, RejectsAWrongChecksumAndAWrongSize) {
  std::string wrong_checksum = kHello;
  wrong_checksum[17] = '\x00';
  EXPECT_EQ(CodeOf(wrong_checksum), ErrorCode::kInvalidArgument);
  std::string wrong_size = kHello;
  wrong_size[21] = '\x06';
  EXPECT_EQ(CodeOf(wrong_size), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace nightjar::server::internal
