#include "journal/internal/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "journal/internal/frame.h"

namespace nightjar::journal::internal {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kFormat = "nightjar-journal 1\n";

struct Folder {
  std::vector<Segment> segments;  // oldest first
  std::uint64_t aside_bytes = 0;
};

// What the marks of all segments say. A batch begins only after the one before is finished: only the latest can be
// open, and everything before it is finished, whatever became of the finish marks.
struct Marks {
  std::optional<Batch> latest;
  std::uint64_t finished = 0;  // the highest number
};

Result<void> MakeFolder(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directory(folder, error);
  if (error) return Fail(SystemError("make", folder, error.value()));
  if (made) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return Fail(SystemError("restrict", folder, error.value()));
  return {};
}

Result<void> SyncFolder(const fs::path& folder, Disk& disk) {
  const auto file = disk.OpenFolder(folder);
  if (!file) return Fail(SystemError("open", folder, errno));
  return SyncAll(*file, folder);
}

Result<void> WriteFormat(const fs::path& folder, Disk& disk) {
  std::error_code error;
  const fs::path parent = fs::canonical(folder, error).parent_path();
  if (error) return Fail(SystemError("find", folder, error.value()));
  RETURN_IF_ERROR(SyncFolder(parent, disk));
  const fs::path staged = folder / "FORMAT.new";
  fs::remove(staged, error);
  {
    const auto file = disk.Create(staged);
    if (!file) return Fail(SystemError("create", staged, errno));
    RETURN_IF_ERROR(WriteAll(*file, kFormat, staged));
    RETURN_IF_ERROR(SyncAll(*file, staged));
  }
  fs::rename(staged, folder / "FORMAT", error);
  if (error) return Fail(SystemError("rename", staged, error.value()));
  return SyncFolder(folder, disk);
}

Result<void> CheckFormat(const fs::path& folder, const Folder& found, Disk& disk) {
  const fs::path path = folder / "FORMAT";
  std::error_code error;
  if (!fs::exists(path, error) && !error) {
    if (found.segments.empty()) return WriteFormat(folder, disk);
    return Fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("{} is missing, but there are segments: put it back with the line of the version that wrote "
                    "them, \"{}\" for this one",
                    path.string(), kFormat.substr(0, kFormat.size() - 1)));
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 0, 100));
  if (text == kFormat) return {};
  return Fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("{} says \"{}\", this program reads \"{}\": start the version of nightjar that wrote it, let it "
                  "store what is pending, and stop it; then move the folder away",
                  path.string(), text.substr(0, text.find('\n')), kFormat.substr(0, kFormat.size() - 1)));
}

template <int kBase>
bool ParseNumber(std::string_view digits, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, kBase);
  return error == std::errc{} && end == digits.data() + digits.size();
}

std::optional<Segment> ParseName(const std::string& name) {
  const std::string_view text = name;
  Segment segment;
  if (text.size() != 52 || text[10] != '-' || text[31] != '-' || !text.ends_with(".log")) return std::nullopt;
  if (!ParseNumber<10>(text.substr(0, 10), segment.number) || !ParseNumber<10>(text.substr(11, 20), segment.first) ||
      !ParseNumber<16>(text.substr(32, 16), segment.seed)) {
    return std::nullopt;
  }
  if (segment.first == 0 || segment.first > kSequenceMax) return std::nullopt;
  return segment;
}

Result<Folder> ListFolder(const fs::path& folder) {
  Folder found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    std::optional<Segment> segment = ParseName(path.filename().string());
    if (!segment && path.extension() != ".damaged") continue;
    const std::uint64_t bytes = fs::file_size(path, error);
    if (error) break;
    if (!segment) {
      found.aside_bytes += bytes;
      continue;
    }
    segment->path = path;
    segment->bytes = bytes;
    found.segments.push_back(*std::move(segment));
  }
  if (error) return Fail(SystemError("list", folder, error.value()));
  std::ranges::sort(found.segments, {}, &Segment::number);
  return found;
}

// `end`: entries of this number and higher ones lie in the segments that follow.
Result<void> ReadSegment(Segment segment, std::uint64_t end, Index& index, Marks& marks) {
  if (segment.bytes > kSegmentBytesLimit) {
    return Fail(ErrorCode::kFailedPrecondition, fmt::format("{} has {} bytes, a segment at most {}: move it away",
                                                            segment.path.string(), segment.bytes, kSegmentBytesLimit));
  }
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(segment.path, 0, segment.bytes));
  // A kill leaves bytes that only the kernel's memory holds. They are about to be relied on.
  RETURN_IF_ERROR(SyncPath(segment.path));
  const Scan scan = ScanSegment(bytes, segment.seed);
  segment.damaged = scan.corrupt_bytes > 0;
  index.AddCorrupt(scan.corrupt_bytes);
  index.ExtendTo(segment.first);
  Segment* kept = index.AddSegment(std::move(segment));
  for (const ScannedFrame& frame : scan.frames) {
    const FrameHeader& header = frame.header;
    const std::uint64_t payload_at = frame.offset + kHeaderBytes;
    std::optional<Batch> batch;
    if (header.type == FrameType::kBegin && frame.intact) {
      batch = DecodeBatch(header.sequence, std::string_view(bytes).substr(payload_at, header.payload_bytes));
    }
    if (batch) {
      marks.finished = std::max(marks.finished, batch->first - 1);
      if (!marks.latest || marks.latest->first <= batch->first) marks.latest = std::move(batch);
    } else if (header.type == FrameType::kFinish) {
      marks.finished = std::max(marks.finished, header.sequence);
    } else if (header.type == FrameType::kEntry && header.sequence >= index.end() && header.sequence < end) {
      index.AddEntry({.sequence = header.sequence,
                      .segment = kept,
                      .offset = payload_at,
                      .payload_bytes = static_cast<std::uint32_t>(header.payload_bytes),
                      .damaged = !frame.intact});
    } else if (frame.intact) {  // out of order, or not a batch: not written by us; otherwise counted by the scan
      index.AddCorrupt(kHeaderBytes + header.payload_bytes);
      kept->damaged = true;
    }
  }
  return {};
}

}  // namespace

std::string SegmentName(const Segment& segment) {
  return fmt::format("{:010}-{:020}-{:016x}.log", segment.number, segment.first, segment.seed);
}

Result<Recovered> Recover(const fs::path& folder, Disk& disk) {
  RETURN_IF_ERROR(MakeFolder(folder));
  Recovered recovered{
      .folder = disk.OpenFolder(folder), .index = std::make_unique<Index>(), .open_batch = std::nullopt};
  if (!recovered.folder) return Fail(SystemError("open", folder, errno));
  ASSIGN_OR_RETURN(Folder found, ListFolder(folder));
  RETURN_IF_ERROR(CheckFormat(folder, found, disk));

  Index& index = *recovered.index;
  index.SetAside(found.aside_bytes);
  Marks marks;
  // Segments are removed oldest first, each after a durable finish mark: what is below the oldest is finished.
  std::uint64_t first = found.segments.empty() ? 1 : found.segments.front().first;
  for (std::size_t i = 0; i < found.segments.size(); ++i) {
    const std::uint64_t end = i + 1 < found.segments.size() ? found.segments[i + 1].first : kSequenceMax + 1;
    RETURN_IF_ERROR(ReadSegment(std::move(found.segments[i]), end, index, marks));
  }
  first = std::max(first, marks.finished + 1);
  if (marks.latest && marks.latest->last > marks.finished) {
    first = marks.latest->first;
    index.ExtendTo(marks.latest->last + 1);
    recovered.open_batch = std::move(marks.latest);
  }
  index.AdvanceTo(first);
  return recovered;
}

}  // namespace nightjar::journal::internal
