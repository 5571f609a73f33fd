// What a crash, a bad disk or an operator can leave in the folder. A frame is 40 bytes and its payload.
#include <gtest/gtest.h>

#include "journal/internal/testing.h"
#include "journal/journal.h"

namespace nightjar::journal {
namespace {

namespace fs = std::filesystem;
using internal::Append;
using internal::CodeOf;
using internal::OpenJournal;
using internal::Pending;
using internal::ReadBytes;
using internal::TestFolder;
using internal::WriteBytes;
using Texts = std::vector<std::string>;

class JournalRecovery : public testing::Test {
 protected:
  // Leaves one segment with the frames of "first" (45 bytes), "second" (46) and "third" (45).
  void SetUp() override {
    const auto journal = OpenJournal(folder_);
    for (const char* text : {"first", "second", "third"}) ASSERT_TRUE(Append(*journal, text));
    segment_ = folder_.Files(".log").at(0);
    bytes_ = ReadBytes(segment_);
    ASSERT_EQ(bytes_.size(), 136);
  }

  TestFolder folder_;
  fs::path segment_;
  std::string bytes_;
};

TEST_F(JournalRecovery, TornTailIsCutAtAnyByte) {
  for (std::size_t size = 45; size < 136; ++size) {
    const TestFolder folder;
    fs::copy(folder_.path() / "FORMAT", folder.path() / "FORMAT");
    WriteBytes(folder.path() / segment_.filename(), bytes_.substr(0, size));
    const bool second = size >= 91;
    const auto journal = OpenJournal(folder);
    EXPECT_EQ(Pending(*journal), second ? (Texts{"first", "second"}) : Texts{"first"}) << size;
    EXPECT_EQ(journal->state().corrupt_bytes, 0) << size;
    EXPECT_EQ(Append(*journal, "new"), second ? 3 : 2) << size;
  }
}

TEST_F(JournalRecovery, ZerosAtTheEndAreATornTail) {
  WriteBytes(segment_, bytes_ + std::string(4096, '\0'));
  const auto journal = OpenJournal(folder_);
  EXPECT_EQ(Pending(*journal), (Texts{"first", "second", "third"}));
  EXPECT_EQ(journal->state().corrupt_bytes, 0);
}

TEST_F(JournalRecovery, AnyFlippedBitOfAMiddleFrameCostsThatEntryOnly) {
  for (std::size_t at = 45; at < 91; ++at) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    WriteBytes(segment_, damaged);
    const auto journal = OpenJournal(folder_);
    EXPECT_EQ(Pending(*journal), (Texts{"first", "!", "third"})) << at;
    EXPECT_EQ(journal->state().corrupt_bytes, 46) << at;
    EXPECT_EQ(ReadBytes(segment_), damaged) << at;
  }
}

TEST_F(JournalRecovery, DamagedLastEntryIsReportedNotCut) {
  bytes_[135] = 'D';
  WriteBytes(segment_, bytes_);
  const auto journal = OpenJournal(folder_);
  EXPECT_EQ(Pending(*journal), (Texts{"first", "second", "!"}));
  EXPECT_EQ(journal->state().corrupt_bytes, 45);
  EXPECT_EQ(Append(*journal, "new"), 4);
}

TEST_F(JournalRecovery, DamageWhileRunningIsFoundByRead) {
  const auto journal = OpenJournal(folder_);
  bytes_[135] = 'D';
  WriteBytes(segment_, bytes_);
  EXPECT_EQ(CodeOf(journal->Read(3)), ErrorCode::kDataLoss);
  EXPECT_EQ(CodeOf(journal->Read(3)), ErrorCode::kDataLoss);
  EXPECT_EQ(journal->Read(2), "second");
  EXPECT_EQ(journal->state().corrupt_bytes, 45);
  EXPECT_EQ(journal->state().pending_bytes, 11);
  fs::remove(segment_);
  EXPECT_EQ(CodeOf(journal->Read(1)), ErrorCode::kDataLoss);
}

TEST_F(JournalRecovery, DamagedSegmentIsPutAsideWhenItIsFinished) {
  bytes_[50] ^= 1;
  WriteBytes(segment_, bytes_);
  {
    const auto journal = OpenJournal(folder_);
    ASSERT_TRUE(journal->BeginBatch(3, ""));
    ASSERT_TRUE(journal->FinishBatch());
    EXPECT_EQ(ReadBytes(segment_.string() + ".damaged"), bytes_);
    EXPECT_EQ(folder_.Files(".log").size(), 1);
  }
  const auto journal = OpenJournal(folder_);
  EXPECT_EQ(journal->first_pending(), 4);
  EXPECT_EQ(journal->state().corrupt_bytes, 0);
  EXPECT_GE(journal->state().disk_bytes, 136);
}

TEST_F(JournalRecovery, OpenBatchWithDamagedEntriesIsOffered) {
  const std::string token = OpenJournal(folder_)->BeginBatch(3, "note").value().token;
  bytes_[50] ^= 1;
  WriteBytes(segment_, bytes_);
  const auto journal = OpenJournal(folder_);
  ASSERT_TRUE(journal->open_batch());
  EXPECT_EQ(journal->open_batch()->token, token);
  EXPECT_EQ(Pending(*journal), (Texts{"first", "!", "third"}));
  ASSERT_TRUE(journal->FinishBatch());
  EXPECT_EQ(journal->state().pending_entries, 0);
}

// The segment with the entries is lost as a whole, the one with the mark is not.
TEST_F(JournalRecovery, OpenBatchWithoutItsSegmentIsOffered) {
  ASSERT_TRUE(OpenJournal(folder_)->BeginBatch(3, "note"));
  fs::remove(segment_);
  const auto journal = OpenJournal(folder_);
  ASSERT_TRUE(journal->open_batch());
  EXPECT_EQ(Pending(*journal), (Texts{"!", "!", "!"}));
  ASSERT_TRUE(journal->FinishBatch());
  EXPECT_EQ(Append(*journal, "new"), 4);
}

// A batch begins only after the one before is finished: a later begin stands for a finish mark that was lost.
TEST_F(JournalRecovery, LostFinishMarkIsImpliedByTheNextBatch) {
  std::string token;
  {
    const auto journal = OpenJournal(folder_);
    ASSERT_TRUE(journal->BeginBatch(1, ""));
    ASSERT_TRUE(journal->FinishBatch());
    token = journal->BeginBatch(2, "").value().token;
  }
  const fs::path marks = folder_.Files(".log").at(1);
  std::string bytes = ReadBytes(marks);
  const std::size_t begin_bytes = 40 + 16 + token.size();
  ASSERT_EQ(bytes.size(), 40 + 2 * begin_bytes);
  bytes[begin_bytes + 10] ^= 1;
  WriteBytes(marks, bytes);
  const auto journal = OpenJournal(folder_);
  EXPECT_EQ(journal->first_pending(), 2);
  ASSERT_TRUE(journal->open_batch());
  EXPECT_EQ(journal->open_batch()->token, token);
}

TEST_F(JournalRecovery, LostFinishMarkOffersTheBatchAgain) {
  std::string token;
  {
    const auto journal = OpenJournal(folder_);
    token = journal->BeginBatch(2, "").value().token;
    ASSERT_TRUE(journal->FinishBatch());
  }
  const fs::path marks = folder_.Files(".log").at(1);
  fs::resize_file(marks, fs::file_size(marks) - 1);
  const auto journal = OpenJournal(folder_);
  EXPECT_EQ(Pending(*journal), (Texts{"first", "second", "third"}));
  EXPECT_EQ(journal->open_batch().value_or(Batch{}).token, token);
}

// A power cut may undo removals: what the old files say must not come back with them.
TEST_F(JournalRecovery, RemovedSegmentsThatComeBackStayFinished) {
  ASSERT_TRUE(OpenJournal(folder_)->BeginBatch(3, ""));  // the second segment has this mark alone
  const TestFolder before;
  for (const fs::path& file : folder_.Files(".log")) fs::copy(file, before.path() / file.filename());
  {
    const auto journal = OpenJournal(folder_);
    ASSERT_TRUE(journal->FinishBatch());
    ASSERT_EQ(Append(*journal, "fourth"), 4);
    ASSERT_TRUE(journal->BeginBatch(4, ""));
    ASSERT_TRUE(journal->FinishBatch());
  }
  EXPECT_EQ(folder_.Files(".log").size(), 1);
  for (const fs::path& file : before.Files(".log")) fs::copy(file, folder_.path() / file.filename());
  EXPECT_EQ(folder_.Files(".log").size(), 3);
  for (int restart = 0; restart < 3; ++restart) {
    const auto journal = OpenJournal(folder_);
    EXPECT_FALSE(journal->open_batch());
    EXPECT_EQ(journal->first_pending(), 5);
    EXPECT_EQ(journal->state().pending_entries, 0);
    EXPECT_EQ(folder_.Files(".log").size(), 1);
  }
}

// Payloads come from the network: one that looks like a frame must not become one, whatever is damaged around it.
TEST_F(JournalRecovery, PayloadThatLooksLikeFramesIsNotTakenForSome) {
  const TestFolder other;
  {
    const auto journal = OpenJournal(other);
    for (int i = 1; i <= 9; ++i) ASSERT_TRUE(Append(*journal, "forged"));
  }
  {
    const auto journal = OpenJournal(folder_);
    ASSERT_TRUE(Append(*journal, ReadBytes(other.Files(".log").at(0))));
    ASSERT_TRUE(Append(*journal, "last"));
  }
  const fs::path newest = folder_.Files(".log").at(1);
  std::string bytes = ReadBytes(newest);
  bytes[0] ^= 1;
  WriteBytes(newest, bytes);
  const auto journal = OpenJournal(folder_);
  EXPECT_EQ(Pending(*journal), (Texts{"first", "second", "third", "!", "last"}));
}

TEST_F(JournalRecovery, OtherFormatIsRefused) {
  WriteBytes(folder_.path() / "FORMAT", "nightjar-journal 2\n");
  const auto newer = Journal::Open({.folder = folder_.path()});
  EXPECT_EQ(CodeOf(newer), ErrorCode::kFailedPrecondition);
  EXPECT_NE(newer.error().message.find("\"nightjar-journal 2\""), std::string::npos) << newer.error().message;
  fs::remove(folder_.path() / "FORMAT");
  EXPECT_EQ(CodeOf(Journal::Open({.folder = folder_.path()})), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(ReadBytes(segment_), bytes_);
}

TEST_F(JournalRecovery, FilesOfOthersAreLeftAlone) {
  for (const char* name : {"notes.txt", "FORMAT.new", "0000000001-00000000000000000001.log", "x.log"}) {
    WriteBytes(folder_.path() / name, "not ours");
  }
  EXPECT_EQ(Pending(*OpenJournal(folder_)), (Texts{"first", "second", "third"}));
  EXPECT_EQ(ReadBytes(folder_.path() / "x.log"), "not ours");
}

TEST_F(JournalRecovery, AFileThatIsTooLargeIsRefused) {
  fs::resize_file(segment_, (512 << 20) + 1);  // a hole, which costs no disk
  const auto opened = Journal::Open({.folder = folder_.path()});
  EXPECT_EQ(CodeOf(opened), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(opened.error().message,
            segment_.string() + " has 536870913 bytes, a segment at most 536870912: move it away");
}

TEST_F(JournalRecovery, FolderThatIsNoFolderIsRefused) {
  EXPECT_EQ(CodeOf(Journal::Open({.folder = folder_.path() / "FORMAT"})), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(Journal::Open({.folder = folder_.path() / "missing" / "journal"})), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace nightjar::journal
