#include "engine/internal/lost_inserts.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "engine/internal/testing.h"

namespace nightjar::engine {
namespace {

using namespace std::string_literals;

class LostInserts : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(log_.parent_path()); }

  void Write(const std::string& text) const { std::ofstream(log_) << text; }
  [[nodiscard]] std::string Log() const {
    std::ifstream file(log_);
    return {std::istreambuf_iterator(file), {}};
  }
  void Forgets(std::size_t count) const {
    const auto forgotten = ForgetLostInserts(folder_.path);
    ASSERT_TRUE(forgotten) << forgotten.error().message;
    EXPECT_EQ(*forgotten, count);
  }

  TemporaryFolder folder_;
  const fs::path table_ = folder_.path / "store/abc/abcdef";
  const fs::path log_ = table_ / "deduplication_logs/deduplication_log_1.txt";
};

TEST_F(LostInserts, OfNoTableAreNone) {
  fs::remove_all(folder_.path / "store");
  Forgets(0);
}

TEST_F(LostInserts, AreThoseWhosePartIsNotThere) {
  fs::create_directory(table_ / "20781_1_1_0");
  fs::create_directory(table_ / "tmp_insert_20781_2_2_0");
  fs::create_directory(table_ / "detached");
  Write("1\t20781_1_1_0\tone\n1\t20781_2_2_0\ttwo\n1\t20782_1_1_0\tthree\n");
  Forgets(2);
  EXPECT_EQ(Log(), "1\t20781_1_1_0\tone\n");
  Forgets(0);
}

TEST_F(LostInserts, AreNotThoseOfAMergedOrChangedPart) {
  fs::create_directory(table_ / "all_2_5_1");
  fs::create_directory(table_ / "all_7_7_0_9");
  const std::string kept = "1\tall_2_2_0\tb\n1\tall_5_5_0\te\n1\tall_7_7_0\tg\n";
  Write("1\tall_1_1_0\ta\n" + kept + "1\tall_6_6_0\tf\n");
  Forgets(2);
  EXPECT_EQ(Log(), kept);
}

TEST_F(LostInserts, WhatWasDroppedStaysDropped) {
  const std::string kept = "2\tall_1_1_0\ta\n";
  Write("1\tall_1_1_0\ta\n" + kept);
  Forgets(1);
  EXPECT_EQ(Log(), kept);
}

TEST_F(LostInserts, BrokenLinesGo) {
  fs::create_directory(table_ / "all_1_1_0");
  Write("1\tall_1_1_0\ta\n\0\0\0\n3\tall_1_1_0\ta\n1\tall_1_1_0\n1\tall_1_x_0\ta\n1\tall_1_1_0\tb"s);
  Forgets(5);
  EXPECT_EQ(Log(), "1\tall_1_1_0\ta\n");
}

TEST_F(LostInserts, AHalfWrittenLogOfAnEarlierCallGoes) {
  const fs::path left = log_.string() + ".new";
  std::ofstream(left) << "1\tall_1";
  Forgets(0);
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(LostInserts, ALogThatCannotBeReadIsAnError) {
  fs::create_directory(log_);
  EXPECT_FALSE(ForgetLostInserts(folder_.path));
}

}  // namespace
}  // namespace nightjar::engine
