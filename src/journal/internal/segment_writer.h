// Appends frames to the newest segment file, and begins the next one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "journal/internal/disk.h"
#include "journal/internal/frame.h"
#include "journal/internal/index.h"

namespace nightjar::journal::internal {

// Used by one thread.
class SegmentWriter {
 public:
  SegmentWriter(Disk& disk, File& folder_file, std::filesystem::path folder, std::uint64_t segment_bytes_max)
      : disk_(disk), folder_file_(folder_file), folder_(std::move(folder)), segment_bytes_max_(segment_bytes_max) {}

  // No segment is begun, or the newest has reached its size: Begin() comes before Add().
  [[nodiscard]] bool full() const { return file_ == nullptr || segment_.bytes >= segment_bytes_max_; }

  // Makes an empty segment. On an error nothing was written, and Begin may be tried again. REQUIRES: Sync() was called
  Result<Segment> Begin(std::uint64_t number, std::uint64_t first);

  // The offset of the payload in the segment. Small frames are gathered in memory until Sync(). After an error nobody
  // knows what is on disk, and the writer must not be used again; so also Sync(). REQUIRES: !full()
  Result<std::uint64_t> Add(FrameType type, std::uint64_t sequence, std::string_view payload);

  // Everything added is on disk on return, and the name of its file too.
  Result<void> Sync();

 private:
  Result<void> WriteBuffer();

  Disk& disk_;
  File& folder_file_;
  const std::filesystem::path folder_;
  const std::uint64_t segment_bytes_max_;

  Segment segment_;             // .bytes counts the buffer
  std::unique_ptr<File> file_;  // null: no segment is begun
  bool name_is_durable_ = false;
  std::string buffer_;
};

}  // namespace nightjar::journal::internal
