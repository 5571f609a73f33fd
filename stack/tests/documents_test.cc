#include "stack/documents.h"

#include <gtest/gtest.h>

#include <fstream>

namespace stack {
namespace {

std::vector<std::string> Texts(const std::vector<Chunk>& chunks) {
  std::vector<std::string> texts;
  for (const Chunk& chunk : chunks) texts.push_back(chunk.text);
  return texts;
}

TEST(Chunks, PackParagraphs) {
  const auto chunks = ChunkDocument({"doc", "One one.\n\nTwo.\n  \nThree three three.\n"}, {.bytes_max = 18});
  EXPECT_EQ(Texts(chunks), (std::vector<std::string>{"One one.\n\nTwo.", "Three three three."}));
  EXPECT_EQ(chunks[0].id, "doc-001");
  EXPECT_EQ(chunks[1].id, "doc-002");
  EXPECT_TRUE(ChunkDocument({"doc", " \n\n"}).empty());
}

TEST(Chunks, CutLongParagraphsBetweenSentences) {
  EXPECT_EQ(Texts(ChunkDocument({"d", "It is one. It is two! Is it?"}, {.bytes_max = 22})),
            (std::vector<std::string>{"It is one. It is two!", "Is it?"}));
}

TEST(Chunks, CutLongSentencesBetweenWordsAndLongWordsBetweenCharacters) {
  EXPECT_EQ(Texts(ChunkDocument({"d", "alpha beta gamma"}, {.bytes_max = 11})),
            (std::vector<std::string>{"alpha beta", "gamma"}));
  EXPECT_EQ(Texts(ChunkDocument({"d", "aaaaaé"}, {.bytes_max = 6})), (std::vector<std::string>{"aaaaa", "é"}));
}

TEST(Chunks, MayOverlap) {
  EXPECT_EQ(Texts(ChunkDocument({"d", "aaaa\n\nbbbb\n\ncccc"}, {.bytes_max = 12, .overlap_bytes = 6})),
            (std::vector<std::string>{"aaaa\n\nbbbb", "bbbb\n\ncccc"}));
}

class LoadTest : public testing::Test {
 protected:
  LoadTest() : folder_(testing::TempDir() + "stack_documents_test") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "sub");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  const std::filesystem::path folder_;
};

TEST_F(LoadTest, ReadsTextFilesByPath) {
  Write("b.txt", "Bee.");
  Write("a.md", "# Ay");
  Write("sub/c.md", "Sea.");
  Write("d.cc", "not text");
  const std::vector<Document> documents = LoadDocuments(folder_);
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_EQ(documents[0].id, "a");
  EXPECT_EQ(documents[0].text, "# Ay");
  EXPECT_EQ(documents[1].id, "b");
  EXPECT_EQ(documents[2].id, "sub-c");
  EXPECT_EQ(ChunkDocuments(documents)[2].id, "sub-c-001");
}

TEST_F(LoadTest, AFolderWithoutTextIsAnError) {
  EXPECT_THROW((void)LoadDocuments(folder_), std::runtime_error);
  EXPECT_THROW((void)LoadDocuments(folder_ / "nowhere"), std::runtime_error);
}

TEST(DemoCorpus, IsTwelveNotes) {
  const std::vector<Chunk> chunks = DemoCorpus();
  ASSERT_EQ(chunks.size(), 12U);
  EXPECT_EQ(chunks[0].id, "pg-001");
  EXPECT_EQ(chunks[6].id, "dj-001");
  EXPECT_EQ(chunks[6].text.substr(0, 31), "Postgres vs SQLite for Django: ");
}

}  // namespace
}  // namespace stack
