// Any bytes as segment files. The first byte chooses: odd, and the checksums of everything that begins like a frame are
// made right, so that the bytes get past them. The second says how much goes to the first of two files.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "journal/internal/frame.h"
#include "journal/internal/recovery.h"
#include "journal/journal.h"

namespace {

using namespace nightjar::journal;
namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 1;

std::uint64_t NumberAt(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

void MakeChecksumsRight(std::string& bytes) {
  for (std::size_t at = bytes.find("NJF1"); at != bytes.npos && bytes.size() - at >= internal::kHeaderBytes;
       at = bytes.find("NJF1", at + 1)) {
    internal::FrameHeader header{.type = internal::FrameType{static_cast<std::uint32_t>(bytes[at + 4])},
                                 .sequence = NumberAt(bytes, at + 8) & 0xffff'ffff,
                                 .payload_bytes = NumberAt(bytes, at + 16)};
    const std::string_view rest = std::string_view(bytes).substr(at + internal::kHeaderBytes);
    if (header.payload_bytes <= rest.size()) {
      header.payload_sum = internal::Checksum(rest.substr(0, header.payload_bytes), kSeed);
    }
    std::string right;
    internal::AppendHeader(header, kSeed, right);
    bytes.replace(at, right.size(), right);
  }
}

void WriteFile(const fs::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void Require(bool condition) {
  if (!condition) std::abort();
}

std::unique_ptr<Journal> Open(const fs::path& folder) {
  auto journal = Journal::Open({.folder = folder, .disk_reserve_bytes = 0});
  Require(journal.has_value());
  return *std::move(journal);
}

// What recovery made of the bytes must be a journal like any other.
void Exercise(const fs::path& folder) {
  {
    const auto journal = Open(folder);
    const std::uint64_t first = journal->first_pending();
    for (std::uint64_t read = first; read < journal->end_pending() && read < first + 20; ++read) {
      const auto payload = journal->Read(read);
      Require(payload || payload.error().code == nightjar::ErrorCode::kDataLoss);
    }
    journal->Append("appended", [](const auto& result) { Require(result.has_value()); });
    if (journal->open_batch()) Require(journal->FinishBatch().has_value());
  }
  const auto journal = Open(folder);
  const auto last = journal->Read(journal->end_pending() - 1);
  Require(last.has_value() && *last == "appended");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size < 2) return 0;
  static const fs::path folder = fs::temp_directory_path() / ("nightjar_journal_fuzz_" + std::to_string(getpid()));
  fs::remove_all(folder);
  fs::create_directory(folder);
  std::string bytes(reinterpret_cast<const char*>(input) + 2, size - 2);
  if (input[0] % 2 == 1) MakeChecksumsRight(bytes);
  const std::size_t split = bytes.size() * input[1] / 255;
  WriteFile(folder / "FORMAT", "nightjar-journal 1\n");
  WriteFile(folder / internal::SegmentName({.number = 1, .seed = kSeed, .first = 1}),
            std::string_view(bytes).substr(0, split));
  WriteFile(folder / internal::SegmentName({.number = 2, .seed = kSeed, .first = 3}),
            std::string_view(bytes).substr(split));
  Exercise(folder);
  fs::remove_all(folder);
  return 0;
}
