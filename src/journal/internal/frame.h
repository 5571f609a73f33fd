// The bytes of a segment file: frames one after the other, and how the good ones are found again when others are
// damaged. Layout and recovery rules: docs/formats/journal.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.h"

namespace nightjar::journal::internal {

constexpr std::size_t kHeaderBytes = 40;
constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 62;

enum class FrameType : std::uint32_t {
  kEntry = 1,
  kBegin = 2,   // a batch begins; sequence is its first entry, the payload is EncodeBatch()
  kFinish = 3,  // every entry up to and including sequence is durable elsewhere; no payload
};

struct FrameHeader {
  FrameType type = FrameType::kEntry;
  std::uint64_t sequence = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t payload_sum = 0;
};

// `seed` is the secret number of the segment file: without it nobody can send a payload that looks like frames.
std::uint64_t Checksum(std::string_view bytes, std::uint64_t seed);

void AppendHeader(const FrameHeader& header, std::uint64_t seed, std::string& out);

// The header at the beginning of `bytes`, when it is one: its own checksum is right and its values are within limits.
std::optional<FrameHeader> ParseHeader(std::string_view bytes, std::uint64_t seed);

std::string EncodeBatch(const Batch& batch);
std::optional<Batch> DecodeBatch(std::uint64_t first, std::string_view payload);

struct ScannedFrame {
  FrameHeader header;
  std::uint64_t offset = 0;
  bool intact = true;  // false: the header is good, the payload is not
};

struct Scan {
  std::vector<ScannedFrame> frames;
  std::uint64_t corrupt_bytes = 0;  // without the torn tail: a frame that the file ends within was never acknowledged
};

Scan ScanSegment(std::string_view bytes, std::uint64_t seed);

}  // namespace nightjar::journal::internal
