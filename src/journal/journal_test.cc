// What callers see: entries, batches, restarts, limits. Damage is in journal_recovery_test.cc, failing disks and kills
// in journal_failure_test.cc.
#include "journal/journal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "journal/internal/testing.h"

namespace nightjar::journal {
namespace {

namespace fs = std::filesystem;
using internal::Append;
using internal::CodeOf;
using internal::OpenJournal;
using internal::Pending;
using internal::TestFolder;
using Texts = std::vector<std::string>;

TEST(Journal, BeginsEmpty) {
  const TestFolder folder;
  const auto journal = OpenJournal({.folder = folder.path() / "journal"});
  EXPECT_EQ(journal->first_pending(), 1);
  EXPECT_EQ(journal->end_pending(), 1);
  EXPECT_FALSE(journal->open_batch());
  EXPECT_EQ(CodeOf(journal->Read(1)), ErrorCode::kNotFound);
  EXPECT_EQ(internal::ReadBytes(folder.path() / "journal" / "FORMAT"), "nightjar-journal 1\n");
  EXPECT_EQ(fs::status(folder.path() / "journal").permissions(), fs::perms::owner_all);
}

TEST(Journal, EntriesAreThereAfterReopening) {
  const TestFolder folder;
  const std::string large(3 << 20, 'x');
  {
    const auto journal = OpenJournal(folder);
    EXPECT_EQ(Append(*journal, "one"), 1);
    EXPECT_EQ(Append(*journal, ""), 2);
    EXPECT_EQ(Append(*journal, large), 3);
    EXPECT_EQ(Pending(*journal), (Texts{"one", "", large}));
  }
  const auto journal = OpenJournal(folder);
  EXPECT_EQ(Pending(*journal), (Texts{"one", "", large}));
  EXPECT_EQ(Append(*journal, "four"), 4);
  const JournalState state = journal->state();
  EXPECT_EQ(state.pending_entries, 4);
  EXPECT_EQ(state.pending_bytes, 3 + 0 + (3 << 20) + 4);
  EXPECT_EQ(state.disk_bytes, 4 * 40 + 3 + 0 + (3 << 20) + 4);
  EXPECT_EQ(state.corrupt_bytes, 0);
  EXPECT_FALSE(state.read_only);
}

TEST(Journal, DestructorWritesWhatIsQueued) {
  const TestFolder folder;
  std::atomic<int> acknowledged = 0;
  {
    const auto journal = OpenJournal(folder);
    for (int i = 0; i < 100; ++i)
      journal->Append("payload", [&](const auto& result) { acknowledged += result ? 1 : 0; });
  }
  EXPECT_EQ(acknowledged, 100);
  EXPECT_EQ(OpenJournal(folder)->end_pending(), 101);
}

TEST(Journal, FinishedEntriesAreGone) {
  const TestFolder folder;
  {
    const auto journal = OpenJournal(folder);
    for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(Append(*journal, text));
    const auto batch = journal->BeginBatch(2, "note");
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->first, 1);
    EXPECT_EQ(batch->last, 2);
    EXPECT_EQ(Pending(*journal), (Texts{"a", "b", "c"}));
    ASSERT_TRUE(journal->FinishBatch());
    EXPECT_FALSE(journal->open_batch());
    EXPECT_EQ(journal->first_pending(), 3);
    EXPECT_EQ(CodeOf(journal->Read(2)), ErrorCode::kNotFound);
    EXPECT_EQ(journal->state().pending_bytes, 1);
  }
  const auto journal = OpenJournal(folder);
  EXPECT_FALSE(journal->open_batch());
  EXPECT_EQ(journal->first_pending(), 3);
  EXPECT_EQ(Pending(*journal), Texts{"c"});
}

TEST(Journal, OpenBatchIsOfferedAgainUnchanged) {
  const TestFolder folder;
  const std::string note = std::string("\0note\n", 6) + std::string(4090, 'n');
  Batch begun;
  {
    const auto journal = OpenJournal(folder);
    for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(Append(*journal, text));
    begun = journal->BeginBatch(2, note).value();
  }
  for (int restart = 0; restart < 3; ++restart) {
    const auto journal = OpenJournal(folder);
    const auto batch = journal->open_batch();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->first, 1);
    EXPECT_EQ(batch->last, 2);
    EXPECT_EQ(batch->note, note);
    EXPECT_EQ(batch->token, begun.token);
    ASSERT_TRUE(Append(*journal, "later"));
    EXPECT_EQ(journal->Read(2), "b");
  }
  const auto journal = OpenJournal(folder);
  ASSERT_TRUE(journal->FinishBatch());
  EXPECT_EQ(Pending(*journal), (Texts{"c", "later", "later", "later"}));
}

TEST(Journal, TokensNeverRepeat) {
  std::set<std::string> tokens;
  for (int life = 0; life < 3; ++life) {
    const TestFolder folder;  // made anew: the same sequence numbers again
    for (int restart = 0; restart < 5; ++restart) {
      const auto journal = OpenJournal(folder);
      for (int batch = 0; batch < 3; ++batch) {
        ASSERT_TRUE(Append(*journal, "x"));
        const auto begun = journal->BeginBatch(journal->end_pending() - 1, "");
        ASSERT_TRUE(begun);
        EXPECT_TRUE(tokens.insert(begun->token).second) << begun->token;
        EXPECT_EQ(begun->token.find_first_not_of("0123456789abcdef-"), std::string::npos);
        ASSERT_TRUE(journal->FinishBatch());
      }
    }
  }
  EXPECT_EQ(tokens.size(), 45);
}

TEST(Journal, SegmentsAreBegunAndRemoved) {
  const TestFolder folder;
  const JournalOptions options{.folder = folder.path(), .segment_bytes_max = 1000};
  {
    const auto journal = OpenJournal(options);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(Append(*journal, std::string(460, 'p')));  // two frames of 500 a segment
    EXPECT_EQ(folder.Files(".log").size(), 5);
    ASSERT_TRUE(journal->BeginBatch(3, ""));
    ASSERT_TRUE(journal->FinishBatch());
    EXPECT_EQ(folder.Files(".log").size(), 5);  // entries 1 and 2 are gone with their file, both marks are in a sixth
    ASSERT_TRUE(journal->BeginBatch(10, ""));
    ASSERT_TRUE(journal->FinishBatch());
    EXPECT_EQ(folder.Files(".log").size(), 1);
    EXPECT_LT(journal->state().disk_bytes, 500);
  }
  const auto journal = OpenJournal(options);
  EXPECT_EQ(journal->first_pending(), 11);
  EXPECT_EQ(Append(*journal, "next"), 11);
}

TEST(Journal, FullDiskBudgetRefusesUntilABatchIsFinished) {
  const TestFolder folder;
  const auto journal = OpenJournal({.folder = folder.path(), .disk_bytes_max = 10'000});
  int accepted = 0;
  while (Append(*journal, std::string(960, 'p'))) ++accepted;
  EXPECT_EQ(accepted, 10);
  EXPECT_EQ(CodeOf(Append(*journal, "")), ErrorCode::kUnavailable);
  EXPECT_FALSE(journal->state().read_only);
  ASSERT_TRUE(journal->BeginBatch(10, ""));
  ASSERT_TRUE(journal->FinishBatch());
  EXPECT_EQ(Append(*journal, std::string(6'960, 'p')), 11);
}

TEST(Journal, TooLargeIsRefused) {
  const TestFolder folder;
  const auto journal = OpenJournal(folder);
  EXPECT_EQ(CodeOf(Append(*journal, std::string(kPayloadBytesMax + 1, 'x'))), ErrorCode::kResourceExhausted);
  EXPECT_EQ(Append(*journal, std::string(kPayloadBytesMax, 'x')), 1);
  EXPECT_EQ(CodeOf(journal->BeginBatch(1, std::string(4097, 'n'))), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(journal->open_batch());
}

// Segments are begun in the middle of a group of appends while those before are removed.
TEST(Journal, RemovalSparesWhatIsBeingAppended) {
  const TestFolder folder;
  const auto journal = OpenJournal({.folder = folder.path(), .segment_bytes_max = 200});
  std::atomic<std::uint64_t> acknowledged = 0;
  std::thread appender([&] {
    for (int burst = 0; burst < 60; ++burst) {
      for (int i = 0; i < 10; ++i)
        journal->Append("payload", [&](const auto& result) { acknowledged += result ? 1 : 0; });
      ASSERT_TRUE(Append(*journal, "payload"));
      ++acknowledged;
    }
  });
  std::uint64_t read = 0;
  while (read < 660) {
    if (journal->first_pending() == journal->end_pending()) continue;
    const auto batch = journal->BeginBatch(journal->end_pending() - 1, "");
    ASSERT_TRUE(batch);
    for (std::uint64_t sequence = batch->first; sequence <= batch->last; ++sequence, ++read) {
      ASSERT_EQ(journal->Read(sequence).value_or("lost"), "payload") << sequence;
    }
    ASSERT_TRUE(journal->FinishBatch());
  }
  appender.join();
  EXPECT_EQ(acknowledged, 660);
}

TEST(Journal, ConcurrentAppendersAreStoredOnceAndInOrder) {
  const TestFolder folder;
  constexpr int kThreads = 8;
  constexpr int kEach = 500;
  std::mutex mutex;
  std::vector<std::uint64_t> acknowledged;
  {
    const auto journal = OpenJournal({.folder = folder.path(), .segment_bytes_max = 20'000});
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          journal->Append(std::to_string(thread) + ":" + std::to_string(i), [&](Result<std::uint64_t> result) {
            ASSERT_TRUE(result);
            const std::lock_guard lock(mutex);
            acknowledged.push_back(*result);
          });
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  ASSERT_EQ(acknowledged.size(), 4000);
  for (std::size_t i = 0; i < acknowledged.size(); ++i) ASSERT_EQ(acknowledged[i], i + 1);
  const Texts stored = Pending(*OpenJournal(folder));
  EXPECT_EQ(std::set<std::string>(stored.begin(), stored.end()).size(), 4000);
  std::vector<int> next(kThreads, 0);  // of each thread: its own entries keep their order
  for (const std::string& text : stored) {
    const std::size_t thread = std::stoul(text);
    ASSERT_EQ(text, std::to_string(thread) + ":" + std::to_string(next[thread]++));
  }
}

}  // namespace
}  // namespace nightjar::journal
