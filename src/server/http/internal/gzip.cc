#include "server/http/internal/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

#include "base/check.h"

namespace nightjar::server::internal {
namespace {

constexpr int kWindowBitsGzipOnly = 15 + 16;       // the largest window; neither zlib's nor raw deflate's framing
constexpr std::size_t kInputStepBytes = 1U << 30;  // zlib counts in 32 bits

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream, kWindowBitsGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
};

}  // namespace

Result<std::string> Gunzip(std::string_view compressed, std::size_t output_bytes_max, ByteCharge& charge) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  std::array<Bytef, 64 << 10> chunk;
  std::string out;
  bool member_ended = false;
  while (!member_ended || !compressed.empty()) {
    if (member_ended) CHECK(inflateReset(&stream) == Z_OK);
    const std::size_t step = std::min(compressed.size(), kInputStepBytes);
    // zlib's input pointer is not const, but it does not write there.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(step);
    stream.next_out = chunk.data();
    stream.avail_out = chunk.size();
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    // Z_BUF_ERROR: no progress is possible, which means here that the input has ended too early.
    if (status != Z_OK && status != Z_STREAM_END) {
      return Fail(ErrorCode::kInvalidArgument,
                  status == Z_BUF_ERROR ? "the gzip body is cut off" : "the body is not valid gzip");
    }
    member_ended = status == Z_STREAM_END;
    compressed.remove_prefix(step - stream.avail_in);

    const std::size_t made = chunk.size() - stream.avail_out;
    if (made > output_bytes_max - out.size()) {
      return Fail(ErrorCode::kResourceExhausted,
                  "the body is larger than " + std::to_string(output_bytes_max) + " bytes when decompressed");
    }
    if (!charge.TryResize(charge.bytes() + made)) {
      return Fail(ErrorCode::kUnavailable, "too many bytes of requests are in work");
    }
    out.append(reinterpret_cast<const char*>(chunk.data()), made);
  }
  return out;
}

}  // namespace nightjar::server::internal
