#include "journal/internal/segment_writer.h"

#include <cerrno>

#include "journal/internal/recovery.h"

namespace nightjar::journal::internal {

namespace {
constexpr std::size_t kBufferBytes = 1 << 20;  // a larger payload is not copied
}  // namespace

Result<Segment> SegmentWriter::Begin(std::uint64_t number, std::uint64_t first) {
  file_ = nullptr;
  ASSIGN_OR_RETURN(const std::uint64_t seed, RandomNumber());
  segment_ = {.number = number, .seed = seed, .first = first};
  segment_.path = folder_ / SegmentName(segment_);
  file_ = disk_.Create(segment_.path);
  if (!file_) return Fail(SystemError("create", segment_.path, errno));
  name_is_durable_ = false;
  return segment_;
}

Result<std::uint64_t> SegmentWriter::Add(FrameType type, std::uint64_t sequence, std::string_view payload) {
  const std::uint64_t payload_at = segment_.bytes + kHeaderBytes;
  AppendHeader({.type = type,
                .sequence = sequence,
                .payload_bytes = payload.size(),
                .payload_sum = Checksum(payload, segment_.seed)},
               segment_.seed, buffer_);
  segment_.bytes = payload_at + payload.size();
  if (buffer_.size() + payload.size() > kBufferBytes) RETURN_IF_ERROR(WriteBuffer());
  if (payload.size() > kBufferBytes) {
    RETURN_IF_ERROR(WriteAll(*file_, payload, segment_.path));
  } else {
    buffer_ += payload;
  }
  return payload_at;
}

Result<void> SegmentWriter::Sync() {
  if (!file_) return {};
  RETURN_IF_ERROR(WriteBuffer());
  RETURN_IF_ERROR(SyncAll(*file_, segment_.path));
  if (!name_is_durable_) RETURN_IF_ERROR(SyncAll(folder_file_, folder_));
  name_is_durable_ = true;
  return {};
}

Result<void> SegmentWriter::WriteBuffer() {
  RETURN_IF_ERROR(WriteAll(*file_, buffer_, segment_.path));
  buffer_.clear();
  return {};
}

}  // namespace nightjar::journal::internal
