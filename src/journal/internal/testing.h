// For the tests of the journal: folders that clean up after themselves, waiting for an append, and reading what is
// pending.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "journal/internal/disk.h"
#include "journal/journal.h"

namespace nightjar::journal::internal {

class TestFolder {
 public:
  TestFolder() {
    std::string folder = (std::filesystem::temp_directory_path() / "nightjar_journal_XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    path_ = folder;
  }
  TestFolder(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] std::vector<std::filesystem::path> Files(const std::string& extension) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == extension) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<Journal> OpenJournal(JournalOptions options, std::unique_ptr<Disk> disk = nullptr) {
  options.disk_reserve_bytes = 0;
  auto journal = Journal::Open(options, disk ? std::move(disk) : std::make_unique<Disk>());
  EXPECT_TRUE(journal) << journal.error().message;
  return journal ? std::move(journal).value() : nullptr;
}

inline std::unique_ptr<Journal> OpenJournal(const TestFolder& folder) { return OpenJournal({.folder = folder.path()}); }

inline Result<std::uint64_t> Append(Journal& journal, std::string payload) {
  std::promise<Result<std::uint64_t>> done;
  journal.Append(std::move(payload), [&done](Result<std::uint64_t> result) { done.set_value(std::move(result)); });
  return done.get_future().get();
}

// The error's code; kInternal when there is none.
template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

// Every pending payload in order, "!" for one that is damaged.
inline std::vector<std::string> Pending(const Journal& journal) {
  std::vector<std::string> payloads;
  for (std::uint64_t sequence = journal.first_pending(); sequence < journal.end_pending(); ++sequence) {
    const auto payload = journal.Read(sequence);
    EXPECT_TRUE(payload || payload.error().code == ErrorCode::kDataLoss) << payload.error().message;
    payloads.push_back(payload ? *payload : "!");
  }
  return payloads;
}

inline std::string ReadBytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteBytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace nightjar::journal::internal
