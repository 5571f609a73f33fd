#include "journal/internal/frame.h"

#include <xxhash.h>

#include <bit>
#include <cstring>
#include <utility>

namespace nightjar::journal::internal {

namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::string_view kMagic = "NJF1";
constexpr std::size_t kSummedBytes = 32;  // of the header; its own checksum follows

template <typename T>
void AppendNumber(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// REQUIRES: offset + sizeof(T) <= bytes.size()
template <typename T>
T NumberAt(std::string_view bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

bool IsKnown(FrameType type) {
  return type == FrameType::kEntry || type == FrameType::kBegin || type == FrameType::kFinish;
}

// Where the next good header begins, at or after `from`; the end when there is none.
std::size_t NextHeader(std::string_view bytes, std::size_t from, std::uint64_t seed) {
  for (std::size_t at = bytes.find(kMagic, from); at != bytes.npos; at = bytes.find(kMagic, at + 1)) {
    if (ParseHeader(bytes.substr(at), seed)) return at;
  }
  return bytes.size();
}

}  // namespace

std::uint64_t Checksum(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void AppendHeader(const FrameHeader& header, std::uint64_t seed, std::string& out) {
  const std::size_t begin = out.size();
  out.append(kMagic);
  AppendNumber(std::to_underlying(header.type), out);
  AppendNumber(header.sequence, out);
  AppendNumber(header.payload_bytes, out);
  AppendNumber(header.payload_sum, out);
  AppendNumber(Checksum(std::string_view(out).substr(begin, kSummedBytes), seed), out);
}

std::optional<FrameHeader> ParseHeader(std::string_view bytes, std::uint64_t seed) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  if (NumberAt<std::uint64_t>(bytes, kSummedBytes) != Checksum(bytes.substr(0, kSummedBytes), seed))
    return std::nullopt;
  const FrameHeader header{.type = FrameType{NumberAt<std::uint32_t>(bytes, 4)},
                           .sequence = NumberAt<std::uint64_t>(bytes, 8),
                           .payload_bytes = NumberAt<std::uint64_t>(bytes, 16),
                           .payload_sum = NumberAt<std::uint64_t>(bytes, 24)};
  if (!IsKnown(header.type) || header.sequence == 0 || header.sequence > kSequenceMax) return std::nullopt;
  if (header.payload_bytes > kPayloadBytesMax) return std::nullopt;
  return header;
}

std::string EncodeBatch(const Batch& batch) {
  std::string out;
  AppendNumber(batch.last, out);
  AppendNumber(static_cast<std::uint64_t>(batch.token.size()), out);
  return out + batch.token + batch.note;
}

std::optional<Batch> DecodeBatch(std::uint64_t first, std::string_view payload) {
  if (payload.size() < 16) return std::nullopt;
  const auto last = NumberAt<std::uint64_t>(payload, 0);
  const auto token_bytes = NumberAt<std::uint64_t>(payload, 8);
  const std::string_view texts = payload.substr(16);
  if (last < first || last > kSequenceMax || token_bytes > texts.size()) return std::nullopt;
  return Batch{.first = first,
               .last = last,
               .note = std::string(texts.substr(token_bytes)),
               .token = std::string(texts.substr(0, token_bytes))};
}

Scan ScanSegment(std::string_view bytes, std::uint64_t seed) {
  Scan scan;
  std::size_t at = 0;
  while (bytes.size() - at >= kHeaderBytes) {
    const auto header = ParseHeader(bytes.substr(at), seed);
    if (!header) {
      // After a power cut a file may end in zeros: its size was on disk before what was written.
      if (bytes.find_first_not_of('\0', at) == bytes.npos) break;
      const std::size_t next = NextHeader(bytes, at + 1, seed);
      scan.corrupt_bytes += next - at;
      at = next;
      continue;
    }
    if (header->payload_bytes > bytes.size() - at - kHeaderBytes) break;
    const std::string_view payload = bytes.substr(at + kHeaderBytes, header->payload_bytes);
    const bool intact = Checksum(payload, seed) == header->payload_sum;
    scan.frames.push_back({.header = *header, .offset = at, .intact = intact});
    if (!intact) scan.corrupt_bytes += kHeaderBytes + payload.size();
    at += kHeaderBytes + payload.size();
  }
  return scan;
}

}  // namespace nightjar::journal::internal
