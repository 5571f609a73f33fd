// Disks that fail, power cuts and kills.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "journal/internal/testing.h"
#include "journal/journal.h"

namespace nightjar::journal {
namespace {

namespace fs = std::filesystem;
using internal::Append;
using internal::CodeOf;
using internal::Disk;
using internal::File;
using internal::OpenJournal;
using internal::Pending;
using internal::TestFolder;
using Texts = std::vector<std::string>;

// What is about to go wrong. Changed by the test while the writer thread is idle.
struct Fault {
  int write_errno = 0;
  int sync_errno = 0;
  int create_errno = 0;
  bool stutters = false;  // every other write is interrupted, the others take 7 bytes
  std::uint64_t free_bytes = 1ULL << 40;
};

class FailingFile : public File {
 public:
  FailingFile(std::unique_ptr<File> file, const Fault& fault) : file_(std::move(file)), fault_(fault) {}
  ssize_t Write(const char* bytes, std::size_t size) override {
    if (fault_.write_errno != 0) return Failure(fault_.write_errno);
    if (!fault_.stutters) return file_->Write(bytes, size);
    interrupted_ = !interrupted_;
    return interrupted_ ? Failure(EINTR) : static_cast<int>(file_->Write(bytes, std::min<std::size_t>(size, 7)));
  }
  int Sync() override { return fault_.sync_errno != 0 ? Failure(fault_.sync_errno) : file_->Sync(); }

 private:
  static int Failure(int number) {
    errno = number;
    return -1;
  }

  const std::unique_ptr<File> file_;
  const Fault& fault_;
  bool interrupted_ = false;
};

class FailingDisk : public Disk {
 public:
  explicit FailingDisk(const Fault& fault) : fault_(fault) {}
  std::unique_ptr<File> Create(const fs::path& path) override {
    errno = fault_.create_errno;
    return errno != 0 ? nullptr : std::make_unique<FailingFile>(Disk::Create(path), fault_);
  }
  std::unique_ptr<File> OpenFolder(const fs::path& folder) override {
    return std::make_unique<FailingFile>(Disk::OpenFolder(folder), fault_);
  }
  Result<std::uint64_t> FreeBytes(const fs::path&) override { return fault_.free_bytes; }

 private:
  const Fault& fault_;
};

std::unique_ptr<Journal> OpenFailing(const TestFolder& folder, const Fault& fault) {
  return OpenJournal({.folder = folder.path(), .segment_bytes_max = 1000}, std::make_unique<FailingDisk>(fault));
}

TEST(JournalFailure, ShortAndInterruptedWritesGoOn) {
  const TestFolder folder;
  const Fault fault{.stutters = true};
  const auto journal = OpenFailing(folder, fault);
  ASSERT_TRUE(Append(*journal, "one"));
  ASSERT_TRUE(Append(*journal, std::string(5000, '2')));
  EXPECT_EQ(Pending(*OpenJournal(folder)), (Texts{"one", std::string(5000, '2')}));
}

// The fault goes away at once: nothing may be acknowledged all the same.
void ExpectReadOnlyAfter(int Fault::* number, const std::string& cause) {
  const TestFolder folder;
  Fault fault;
  std::string token;
  {
    const auto journal = OpenFailing(folder, fault);
    for (const char* payload : {"one", "two", "three"}) ASSERT_TRUE(Append(*journal, payload));
    token = journal->BeginBatch(1, "").value().token;
    fault.*number = EIO;
    const auto refused = Append(*journal, "refused");
    EXPECT_EQ(CodeOf(refused), ErrorCode::kUnavailable);
    EXPECT_NE(refused.error().message.find(cause), std::string::npos) << refused.error().message;
    fault.*number = 0;
    EXPECT_EQ(CodeOf(Append(*journal, "refused too")), ErrorCode::kUnavailable);
    EXPECT_TRUE(journal->state().read_only);
    EXPECT_NE(journal->state().failure.find(cause), std::string::npos);
    EXPECT_EQ(Pending(*journal), (Texts{"one", "two", "three"}));
    EXPECT_EQ(CodeOf(journal->FinishBatch()), ErrorCode::kUnavailable);
    EXPECT_FALSE(journal->open_batch());
    // What is left can be stored, without marks.
    const auto unmarked = journal->BeginBatch(3, "note");
    ASSERT_TRUE(unmarked);
    EXPECT_EQ(unmarked->first, 2);
    EXPECT_NE(unmarked->token, token);
    EXPECT_EQ(CodeOf(journal->FinishBatch()), ErrorCode::kUnavailable);
    EXPECT_EQ(journal->first_pending(), 4);
  }
  const auto journal = OpenJournal(folder);
  ASSERT_TRUE(journal->open_batch());
  EXPECT_EQ(journal->open_batch()->token, token);
  EXPECT_EQ(Pending(*journal).at(0), "one");
  EXPECT_EQ(Pending(*journal).at(1), "two");
  EXPECT_EQ(Pending(*journal).at(2), "three");
}

TEST(JournalFailure, FailedWriteIsForGood) { ExpectReadOnlyAfter(&Fault::write_errno, "cannot write"); }

TEST(JournalFailure, FailedSyncIsForGood) { ExpectReadOnlyAfter(&Fault::sync_errno, "Input/output error"); }

TEST(JournalFailure, OutOfDescriptorsPasses) {
  const TestFolder folder;
  Fault fault;
  const auto journal = OpenFailing(folder, fault);
  ASSERT_TRUE(Append(*journal, std::string(1000, 'x')));  // the next one needs a new segment
  fault.create_errno = EMFILE;
  EXPECT_EQ(CodeOf(Append(*journal, "refused")), ErrorCode::kUnavailable);
  EXPECT_FALSE(journal->state().read_only);
  fault.create_errno = 0;
  EXPECT_EQ(Append(*journal, "two"), 2);
}

TEST(JournalFailure, FullDiskRefusesEntriesFirstAndMarksLast) {
  const TestFolder folder;
  Fault fault;
  const auto opened =
      Journal::Open({.folder = folder.path(), .disk_reserve_bytes = 10 << 20}, std::make_unique<FailingDisk>(fault));
  ASSERT_TRUE(opened);
  Journal& journal = **opened;
  ASSERT_TRUE(Append(journal, "one"));
  EXPECT_TRUE(journal.CheckAccepts(3));
  fault.free_bytes = 10 << 20;
  EXPECT_EQ(CodeOf(Append(journal, "two")), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(journal.CheckAccepts(3)), ErrorCode::kUnavailable);
  ASSERT_TRUE(journal.BeginBatch(1, ""));
  fault.free_bytes = 1000;
  EXPECT_EQ(CodeOf(journal.FinishBatch()), ErrorCode::kUnavailable);
  EXPECT_EQ(journal.state().pending_entries, 0);
  EXPECT_FALSE(journal.state().read_only);
  fault.free_bytes = 1 << 30;
  EXPECT_EQ(Append(journal, "two"), 2);
  ASSERT_TRUE(journal.BeginBatch(2, ""));
  ASSERT_TRUE(journal.FinishBatch());
}

TEST(JournalFailure, QueueIsBounded) {
  const TestFolder folder;
  Fault fault;
  std::promise<void> held;
  std::promise<void> released;
  std::atomic<int> refused = 0;
  const auto journal = OpenFailing(folder, fault);
  journal->Append("", [&](const auto&) {  // holds the writer thread
    held.set_value();
    released.get_future().wait();
  });
  held.get_future().wait();
  const std::string payload(64 << 20, 'x');
  for (int i = 0; i < 8; ++i) {
    journal->Append(payload, [&](const auto& result) { refused += CodeOf(result) == ErrorCode::kUnavailable ? 1 : 0; });
  }
  EXPECT_EQ(refused, 5);    // 256 MiB have room for three of 64 MiB and a header
  fault.write_errno = EIO;  // 192 MiB need not be written
  released.set_value();
}

// Remembers what a power cut would leave: of each file the synced size, of names those that were there at the folder's
// last sync.
class PowerCutDisk : public Disk {
 public:
  struct Durable {
    std::map<fs::path, std::uint64_t> sizes;
    std::set<fs::path> names;
  };

  explicit PowerCutDisk(Durable& durable) : durable_(durable) {}
  std::unique_ptr<File> Create(const fs::path& path) override {
    return std::make_unique<Watched>(Disk::Create(path), [this, path] { durable_.sizes[path] = fs::file_size(path); });
  }
  std::unique_ptr<File> OpenFolder(const fs::path& folder) override {
    return std::make_unique<Watched>(Disk::OpenFolder(folder), [this, folder] {
      for (const auto& entry : fs::directory_iterator(folder)) durable_.names.insert(entry.path());
    });
  }

 private:
  class Watched : public File {
   public:
    Watched(std::unique_ptr<File> file, std::function<void()> synced)
        : file_(std::move(file)), synced_(std::move(synced)) {}
    ssize_t Write(const char* bytes, std::size_t size) override { return file_->Write(bytes, size); }
    int Sync() override {
      synced_();
      return file_->Sync();
    }

   private:
    const std::unique_ptr<File> file_;
    const std::function<void()> synced_;
  };

  Durable& durable_;
};

TEST(JournalFailure, PowerCutLosesNothingAcknowledged) {
  const TestFolder folder;
  PowerCutDisk::Durable durable;
  const auto journal =
      OpenJournal({.folder = folder.path(), .segment_bytes_max = 300}, std::make_unique<PowerCutDisk>(durable));
  for (int i = 1; i <= 30; ++i) {
    ASSERT_EQ(Append(*journal, "entry " + std::to_string(i)), i);
    if (i % 7 == 0) {
      ASSERT_TRUE(journal->BeginBatch(journal->end_pending() - 3, std::to_string(i)));
    }
    if (i % 7 == 3 && i > 7) {
      ASSERT_TRUE(journal->FinishBatch());
    }
    const TestFolder after;
    for (const fs::path& file : durable.names) {
      if (file.parent_path() != folder.path() || !fs::exists(file)) continue;
      fs::copy(file, after.path() / file.filename());
      if (file.extension() == ".log") fs::resize_file(after.path() / file.filename(), durable.sizes[file]);
    }
    const auto reopened = OpenJournal(after);
    EXPECT_EQ(Pending(*reopened), Pending(*journal)) << i;
    EXPECT_EQ(reopened->open_batch().value_or(Batch{}).token, journal->open_batch().value_or(Batch{}).token) << i;
  }
}

// A committer that stores batches as an engine would: one file a token, whole or not at all, a known token is dropped.
void StoreBatch(Journal& journal, const Batch& batch, const fs::path& store) {
  std::ostringstream text;
  for (std::uint64_t sequence = batch.first; sequence <= batch.last; ++sequence) {
    const auto payload = journal.Read(sequence);
    if (!payload) _exit(3);
    text << payload->substr(0, payload->find(' ')) << '\n';
  }
  const fs::path path = store / batch.token;
  if (fs::exists(path)) {
    if (internal::ReadBytes(path) != text.str()) _exit(4);  // the same token for other entries
  } else {
    internal::WriteBytes(store / "staged", text.str());
    fs::rename(store / "staged", path);
  }
  if (!journal.FinishBatch()) _exit(5);
}

// Appends "LIFE-NUMBER padding" until it is killed. Each acknowledged number goes to the pipe.
[[noreturn]] void AppendUntilKilled(const JournalOptions& options, const fs::path& store, int life, int pipe) {
  auto opened = Journal::Open(options);
  if (!opened) _exit(2);
  Journal& journal = **opened;
  if (const auto batch = journal.open_batch()) StoreBatch(journal, *batch, store);
  for (int number = 0;; ++number) {
    std::string payload = std::to_string(life) + "-" + std::to_string(number) + " ";
    payload.append(static_cast<std::size_t>(number * 37 % 3000), '.');
    journal.Append(std::move(payload), [number, pipe](const Result<std::uint64_t>& result) {
      if (!result || write(pipe, &number, sizeof(number)) != sizeof(number)) _exit(6);
    });
    if (number % 50 != 49 || journal.first_pending() == journal.end_pending()) continue;
    const auto batch = journal.BeginBatch(journal.end_pending() - 1, "note");
    if (!batch) _exit(7);
    StoreBatch(journal, *batch, store);
  }
}

TEST(JournalFailure, KilledAtAnyTimeStoresWhatWasAcknowledgedOnce) {
  const TestFolder folder;
  const TestFolder store;
  const JournalOptions options{.folder = folder.path(), .segment_bytes_max = 30'000, .disk_reserve_bytes = 0};
  std::multiset<std::string> acknowledged;
  for (int life = 0; life < 30; ++life) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) AppendUntilKilled(options, store.path(), life, ends[1]);
    close(ends[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + life * 53 % 130));
    kill(child, SIGKILL);
    int number = 0;
    while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
      acknowledged.insert(std::to_string(life) + "-" + std::to_string(number));
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
  }
  const auto journal = OpenJournal(options);
  EXPECT_EQ(journal->state().corrupt_bytes, 0);
  if (const auto batch = journal->open_batch()) StoreBatch(*journal, *batch, store.path());
  std::multiset<std::string> stored;
  for (const std::string& payload : Pending(*journal)) stored.insert(payload.substr(0, payload.find(' ')));
  for (const auto& file : fs::directory_iterator(store.path())) {
    if (file.path().filename() == "staged") continue;
    std::istringstream lines(internal::ReadBytes(file.path()));
    for (std::string line; std::getline(lines, line);) stored.insert(line);
  }
  EXPECT_GT(acknowledged.size(), 100);
  for (const std::string& entry : acknowledged) EXPECT_EQ(stored.count(entry), 1) << entry;
  EXPECT_EQ(std::set<std::string>(stored.begin(), stored.end()).size(), stored.size());
}

}  // namespace
}  // namespace nightjar::journal
