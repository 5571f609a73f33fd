#include "server/http/internal/content_coding.h"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include "base/check.h"
#include "server/http/http.h"

namespace nightjar::server::internal {
namespace {

constexpr std::size_t kOutputStepBytes = 64 << 10;

// One format. A body is one unit, or several of gzip's members or zstd's frames.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Takes from the front of `input`, writes to the front of `output`, returns the bytes written. A call that neither
  // takes nor writes needs more input.
  virtual Result<std::size_t> Step(std::string_view& input, std::span<char> output) = 0;
  // Between two units, with everything written.
  [[nodiscard]] virtual bool at_end() const = 0;
};

class ZlibDecoder final : public Decoder {
 public:
  enum class Framing { kGzip, kZlib, kNone };
  explicit ZlibDecoder(Framing framing) : framing_(framing) {
    if (inflateInit2(&stream_, WindowBits(framing)) != Z_OK) throw std::bad_alloc();
  }
  ~ZlibDecoder() override { inflateEnd(&stream_); }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

  Result<std::size_t> Step(std::string_view& input, std::span<char> output) override {
    if (at_end_ && framing_ != Framing::kGzip) return Invalid();
    if (at_end_) CHECK(inflateReset(&stream_) == Z_OK);
    const std::size_t offered = std::min(input.size(), kInputStepBytes);
    // zlib's input pointer is not const, but it does not write there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(output.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return Invalid();
    at_end_ = status == Z_STREAM_END;
    input.remove_prefix(offered - stream_.avail_in);
    return output.size() - stream_.avail_out;
  }
  [[nodiscard]] bool at_end() const override { return at_end_; }

 private:
  static constexpr std::size_t kInputStepBytes = 1U << 30;  // zlib counts in 32 bits

  std::unexpected<Error> Invalid() const {
    return Fail(ErrorCode::kInvalidArgument,
                framing_ == Framing::kGzip ? "the body is not valid gzip" : "the body is not valid deflate");
  }

  // As inflateInit2 wants it, for the largest window.
  static int WindowBits(Framing framing) {
    switch (framing) {
      case Framing::kGzip: return MAX_WBITS + 16;
      case Framing::kZlib: return MAX_WBITS;
      case Framing::kNone: return -MAX_WBITS;
    }
    CHECK(false);
  }

  const Framing framing_;
  z_stream stream_{};
  bool at_end_ = false;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    CHECK(!ZSTD_isError(ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kWindowLogMax)));
  }

  Result<std::size_t> Step(std::string_view& input, std::span<char> output) override {
    if (at_end_ && !BeginsFrame(input)) return Fail(ErrorCode::kInvalidArgument, kInvalid);
    ZSTD_inBuffer in{.src = input.data(), .size = input.size(), .pos = 0};
    ZSTD_outBuffer out{.dst = output.data(), .size = output.size(), .pos = 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in);
    switch (ZSTD_getErrorCode(status)) {
      case ZSTD_error_no_error: break;
      case ZSTD_error_memory_allocation: throw std::bad_alloc();
      case ZSTD_error_frameParameter_windowTooLarge:
        return Fail(ErrorCode::kInvalidArgument, "the window of the zstd body is larger than 8 MiB");
      default: return Fail(ErrorCode::kInvalidArgument, kInvalid);
    }
    if (in.pos > 0 || out.pos > 0) at_end_ = status == 0;
    input.remove_prefix(in.pos);
    return out.pos;
  }
  [[nodiscard]] bool at_end() const override { return at_end_; }

 private:
  static constexpr int kWindowLogMax = 23;
  static constexpr const char* kInvalid = "the body is not valid zstd";

  // A zstd frame or a skippable one (RFC 8878 sections 3.1.1 and 3.1.2). The library also knows the formats from before
  // version 0.8, whose decoders do not honour the limit of the window.
  static bool BeginsFrame(std::string_view input) {
    if (input.size() < 4) return true;  // cut off, as the library will find
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(input[i])); };
    const std::uint32_t magic = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  }

  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  const std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool at_end_ = true;
};

// RFC 1950 section 2.2: method 8, a window of at most 32 KiB, and a checksum. Raw deflate that looks like this would
// begin with a stored block whose padding is not zero, which no encoder writes.
bool HasZlibHeader(std::string_view body) {
  if (body.size() < 2) return false;
  const unsigned method = static_cast<unsigned char>(body[0]);
  const unsigned flags = static_cast<unsigned char>(body[1]);
  return (method & 0xF) == 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 == 0;
}

std::unique_ptr<Decoder> MakeDecoder(ContentCoding coding, std::string_view encoded) {
  using Framing = ZlibDecoder::Framing;
  switch (coding) {
    case ContentCoding::kGzip: return std::make_unique<ZlibDecoder>(Framing::kGzip);
    case ContentCoding::kDeflate:
      return std::make_unique<ZlibDecoder>(HasZlibHeader(encoded) ? Framing::kZlib : Framing::kNone);
    case ContentCoding::kZstd: return std::make_unique<ZstdDecoder>();
  }
  CHECK(false);
}

}  // namespace

std::optional<ContentCoding> FindContentCoding(std::string_view name) {
  if (EqualsIgnoringCase(name, "gzip") || EqualsIgnoringCase(name, "x-gzip")) return ContentCoding::kGzip;
  if (EqualsIgnoringCase(name, "deflate")) return ContentCoding::kDeflate;
  if (EqualsIgnoringCase(name, "zstd")) return ContentCoding::kZstd;
  return std::nullopt;
}

Result<std::string> Decode(ContentCoding coding, std::string_view encoded, std::size_t output_bytes_max,
                           ByteCharge& charge) {
  const std::unique_ptr<Decoder> decoder = MakeDecoder(coding, encoded);
  std::array<char, kOutputStepBytes> chunk;
  std::string out;
  do {
    const std::size_t left = encoded.size();
    ASSIGN_OR_RETURN(const std::size_t made, decoder->Step(encoded, chunk));
    if (made == 0 && encoded.size() == left) return Fail(ErrorCode::kInvalidArgument, "the compressed body is cut off");
    if (made > output_bytes_max - out.size()) {
      return Fail(ErrorCode::kResourceExhausted,
                  "the body is larger than " + std::to_string(output_bytes_max) + " bytes when decompressed");
    }
    if (!charge.TryResize(charge.bytes() + made)) {
      return Fail(ErrorCode::kUnavailable, "too many bytes of requests are in work");
    }
    out.append(chunk.data(), made);
  } while (!decoder->at_end() || !encoded.empty());
  return out;
}

}  // namespace nightjar::server::internal
