#include "server/http/internal/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <memory>
#include <string>

namespace nightjar::server::internal {
namespace {

using std::string_literals::operator""s;

// "hello" and " world": Python's gzip.compress(…, mtime=0), zlib.compress(…), zlib.compressobj(wbits=-15), and
// zstd 1.5.4.
const std::string kHelloGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00"s;
const std::string kWorldGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x53\x28\xcf\x2f\xca\x49\x01\x00\xcb\x42\x3b\x4a\x06\x00\x00\x00"s;
const std::string kHelloZlib = "\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15"s;
const std::string kHelloDeflate = "\xcb\x48\xcd\xc9\xc9\x07\x00"s;
const std::string kHelloZstd = "\x28\xb5\x2f\xfd\x04\x58\x29\x00\x00\x68\x65\x6c\x6c\x6f\xa3\x6d\x9f\x88"s;
const std::string kWorldZstd = "\x28\xb5\x2f\xfd\x04\x58\x31\x00\x00\x20\x77\x6f\x72\x6c\x64\xa9\x33\xd5\xb4"s;
const std::string kSkippableZstd = "\x50\x2a\x4d\x18\x02\x00\x00\x00\x61\x62"s;

// `size` zero bytes as gzip or zlib: about a thousandth of that.
std::string Zeros(std::size_t size, int window_bits) {
  const std::string plain(size, '\0');
  std::string out(size / 500 + 100, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// A zstd frame of `blocks` times 128 KiB of zeros: four bytes each (RFC 8878 section 3.1.1.2, RLE blocks).
std::string ZerosZstd(int blocks) {
  std::string out = "\x28\xb5\x2f\xfd\x00\x58"s;  // no checksum; a window of 2 MiB
  for (int i = 1; i <= blocks; ++i) out += (i == blocks ? "\x03\x00\x10\x00"s : "\x02\x00\x10\x00"s);
  return out;
}

class ContentCodingTest : public testing::Test {
 protected:
  std::string Decoded(ContentCoding coding, std::string_view encoded, std::size_t output_bytes_max = 1000) {
    return Decode(coding, encoded, output_bytes_max, charge_).value();
  }
  Error ErrorOf(ContentCoding coding, std::string_view encoded, std::size_t output_bytes_max = 1000) {
    const auto out = Decode(coding, encoded, output_bytes_max, charge_);
    EXPECT_FALSE(out) << *out;
    return out ? Error{ErrorCode::kInternal, ""} : out.error();
  }
  ErrorCode CodeOf(ContentCoding coding, std::string_view encoded, std::size_t output_bytes_max = 1000) {
    return ErrorOf(coding, encoded, output_bytes_max).code;
  }
  std::shared_ptr<ByteBudget> budget_ = std::make_shared<ByteBudget>(10 << 20);
  ByteCharge charge_{budget_};
};

TEST_F(ContentCodingTest, KnowsTheNames) {
  EXPECT_EQ(FindContentCoding("GZip"), ContentCoding::kGzip);
  EXPECT_EQ(FindContentCoding("x-gzip"), ContentCoding::kGzip);
  EXPECT_EQ(FindContentCoding("deflate"), ContentCoding::kDeflate);
  EXPECT_EQ(FindContentCoding("ZSTD"), ContentCoding::kZstd);
  for (const char* other : {"", "identity", "br", "gzip ", "gzip,gzip"})
    EXPECT_EQ(FindContentCoding(other), std::nullopt);
}

TEST_F(ContentCodingTest, DecodesEachCoding) {
  EXPECT_EQ(Decoded(ContentCoding::kGzip, kHelloGzip, 5), "hello");
  EXPECT_EQ(charge_.bytes(), 5U);
  EXPECT_EQ(Decoded(ContentCoding::kDeflate, kHelloZlib, 5), "hello");
  EXPECT_EQ(Decoded(ContentCoding::kDeflate, kHelloDeflate, 5), "hello");
  EXPECT_EQ(Decoded(ContentCoding::kZstd, kHelloZstd, 5), "hello");
  EXPECT_EQ(charge_.bytes(), 20U);
}

TEST_F(ContentCodingTest, ConcatenatedUnits) {
  EXPECT_EQ(Decoded(ContentCoding::kGzip, kHelloGzip + kWorldGzip, 11), "hello world");
  EXPECT_EQ(Decoded(ContentCoding::kZstd, kHelloZstd + kSkippableZstd + kWorldZstd, 11), "hello world");
  EXPECT_EQ(CodeOf(ContentCoding::kDeflate, kHelloZlib + kHelloZlib), ErrorCode::kInvalidArgument);
}

TEST_F(ContentCodingTest, OutputLargerThanOneStep) {
  constexpr std::size_t kSize = 1 << 20;
  EXPECT_EQ(Decoded(ContentCoding::kGzip, Zeros(kSize, 15 + 16), kSize), std::string(kSize, '\0'));
  EXPECT_EQ(Decoded(ContentCoding::kDeflate, Zeros(kSize, 15), kSize), std::string(kSize, '\0'));
  EXPECT_EQ(Decoded(ContentCoding::kZstd, ZerosZstd(8), kSize), std::string(kSize, '\0'));
}

TEST_F(ContentCodingTest, TheLimitHoldsOverTheWholeBody) {
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, kHelloGzip, 4), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, kHelloGzip + kWorldGzip, 10), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(ContentCoding::kDeflate, kHelloZlib, 4), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(ContentCoding::kZstd, kHelloZstd + kWorldZstd, 10), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, Zeros(10'000'000, 15 + 16), 1 << 20), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(ContentCoding::kDeflate, Zeros(10'000'000, 15), 1 << 20), ErrorCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(ContentCoding::kZstd, ZerosZstd(80'000), 1 << 20), ErrorCode::kResourceExhausted);  // 10 GB
  EXPECT_LE(charge_.bytes(), (3U << 20) + 100);
}

TEST_F(ContentCodingTest, TheBudgetHolds) {
  ByteCharge other(budget_);
  ASSERT_TRUE(other.TryResize((10 << 20) - 4));
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, kHelloGzip), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(ContentCoding::kDeflate, kHelloZlib), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(ContentCoding::kZstd, kHelloZstd), ErrorCode::kUnavailable);
}

TEST_F(ContentCodingTest, RejectsOtherBytes) {
  for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kDeflate, ContentCoding::kZstd}) {
    for (const std::string& bytes : {""s, "x"s, "no such thing"s, std::string(100, '\xff')}) {
      EXPECT_EQ(CodeOf(coding, bytes), ErrorCode::kInvalidArgument) << bytes;
    }
  }
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, kHelloZlib), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(ContentCoding::kDeflate, kHelloGzip), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(ContentCoding::kZstd, kHelloGzip), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(ContentCoding::kZstd, "\x27" + kHelloZstd.substr(1)), ErrorCode::kInvalidArgument);  // version 0.7
}

TEST_F(ContentCodingTest, RejectsBytesAfterTheEnd) {
  for (const std::string& rest : {"x"s, "\0\0"s, "\x1f"s, "\x28\xb5"s}) {
    EXPECT_EQ(CodeOf(ContentCoding::kGzip, kHelloGzip + rest), ErrorCode::kInvalidArgument);
    EXPECT_EQ(CodeOf(ContentCoding::kDeflate, kHelloZlib + rest), ErrorCode::kInvalidArgument);
    EXPECT_EQ(CodeOf(ContentCoding::kDeflate, kHelloDeflate + rest), ErrorCode::kInvalidArgument);
    EXPECT_EQ(CodeOf(ContentCoding::kZstd, kHelloZstd + rest), ErrorCode::kInvalidArgument);
  }
}

TEST_F(ContentCodingTest, RejectsACutAtEveryByte) {
  const auto cut_everywhere = [&](ContentCoding coding, const std::string& whole) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(CodeOf(coding, whole.substr(0, size)), ErrorCode::kInvalidArgument) << size;
    }
  };
  cut_everywhere(ContentCoding::kGzip, kHelloGzip);
  cut_everywhere(ContentCoding::kDeflate, kHelloZlib);
  cut_everywhere(ContentCoding::kDeflate, kHelloDeflate);
  cut_everywhere(ContentCoding::kZstd, kHelloZstd);
}

TEST_F(ContentCodingTest, RejectsWrongChecksumsAndSizes) {
  const auto changed = [](std::string bytes, std::size_t at) {
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
  };
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, changed(kHelloGzip, 17)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(ContentCoding::kGzip, changed(kHelloGzip, 21)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(ContentCoding::kDeflate, changed(kHelloZlib, 12)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(ContentCoding::kZstd, changed(kHelloZstd, 17)), ErrorCode::kInvalidArgument);
}

TEST_F(ContentCodingTest, TheWindowOfZstdIsBounded) {
  // Magic number, descriptor, window, and an empty last block: 2^23 and 2^29 bytes (RFC 8878 section 3.1.1.1.2).
  EXPECT_EQ(Decoded(ContentCoding::kZstd, "\x28\xb5\x2f\xfd\x00\x68\x01\x00\x00"s), "");
  EXPECT_EQ(ErrorOf(ContentCoding::kZstd, "\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00"s).message,
            "the window of the zstd body is larger than 8 MiB");
}

}  // namespace
}  // namespace nightjar::server::internal
