// Reads the folder of a journal as a former run left it, however that run ended. Changes nothing in a folder that has
// segments, so that a crash in the middle of recovery is no event.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "journal/internal/disk.h"
#include "journal/internal/index.h"
#include "journal/journal.h"

namespace nightjar::journal::internal {

// A segment is read into memory as a whole, and is never this large: it ends with the frame that reaches its size.
constexpr std::uint64_t kSegmentBytesLimit = 512 << 20;

// Of the number, first and seed.
std::string SegmentName(const Segment& segment);

struct Recovered {
  std::unique_ptr<File> folder;
  std::unique_ptr<Index> index;
  std::optional<Batch> open_batch;
};

Result<Recovered> Recover(const std::filesystem::path& folder, Disk& disk);

}  // namespace nightjar::journal::internal
