#include "stack/ranking.h"

#include <gtest/gtest.h>

namespace stack {
namespace {

const std::vector<std::string> kTexts = {"Red fox jumps.", "Red, red hen!", "Blue sky over the hen-house"};

std::vector<std::size_t> Indexes(const Ranking& ranking) {
  std::vector<std::size_t> indexes;
  for (const Scored& scored : ranking) indexes.push_back(scored.index);
  return indexes;
}

TEST(Words, AreLowerCaseLettersAndDigits) {
  EXPECT_EQ(Words("PostgreSQL's pg_dump, v16!"), (std::vector<std::string>{"postgresql", "s", "pg", "dump", "v16"}));
  EXPECT_TRUE(Words(" ...").empty());
}

// By hand. Lengths are 3, 3 and 6 words, 4 on average. A word of one text has idf ln(1 + 2.5/1.5) = 0.980829, a word of
// two ln(1 + 1.5/2.5) = 0.470004. The length term k1 * (1 - b + b * length/4) is 0.975 for 3 words and 1.65 for 6.
TEST(Bm25, Scores) {
  const Bm25 bm25(kTexts);
  EXPECT_NEAR(bm25.InverseDocumentFrequency("fox"), 0.980829, 1e-6);
  EXPECT_NEAR(bm25.InverseDocumentFrequency("red"), 0.470004, 1e-6);
  EXPECT_EQ(bm25.InverseDocumentFrequency("cow"), 0.0);

  const Ranking fox = bm25.Search("fox", 10);
  ASSERT_EQ(Indexes(fox), (std::vector<std::size_t>{0}));
  EXPECT_NEAR(fox[0].score, 0.980829 * 2.2 / 1.975, 1e-5);

  const Ranking red_hen = bm25.Search("red hen", 10);
  ASSERT_EQ(Indexes(red_hen), (std::vector<std::size_t>{1, 0, 2}));
  EXPECT_NEAR(red_hen[0].score, 0.470004 * (4.4 / 2.975 + 2.2 / 1.975), 1e-5);
  EXPECT_NEAR(red_hen[1].score, 0.470004 * 2.2 / 1.975, 1e-5);
  EXPECT_NEAR(red_hen[2].score, 0.470004 * 2.2 / 2.65, 1e-5);

  EXPECT_EQ(Indexes(bm25.Search("red hen", 2)), (std::vector<std::size_t>{1, 0}));
  EXPECT_TRUE(bm25.Search("cow", 10).empty());
  EXPECT_TRUE(Bm25({}).Search("cow", 10).empty());
}

// Text 7 is first and second, text 4 only second, text 9 only first, text 2 only third.
TEST(Fusion, SumsReciprocalRanks) {
  const Ranking fused = ReciprocalRankFusion({{{7, 12.0}, {4, 3.0}}, {{9, 0.9}, {7, 0.8}, {2, 0.1}}});
  ASSERT_EQ(Indexes(fused), (std::vector<std::size_t>{7, 9, 4, 2}));
  EXPECT_NEAR(fused[0].score, 1.0 / 61 + 1.0 / 62, 1e-12);
  EXPECT_NEAR(fused[1].score, 1.0 / 61, 1e-12);
  EXPECT_NEAR(fused[2].score, 1.0 / 62, 1e-12);
  EXPECT_NEAR(fused[3].score, 1.0 / 63, 1e-12);
  EXPECT_TRUE(ReciprocalRankFusion({{}, {}}).empty());
}

}  // namespace
}  // namespace stack
