#include "catalog/retention_list.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "catalog/internal/sqlite.h"

namespace nightjar::catalog {
namespace {

namespace fs = std::filesystem;

class RetentionListTest : public testing::Test {
 public:
  RetentionListTest()
      : file_(fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()) {
    Remove();
    Open();
  }
  ~RetentionListTest() override { Remove(); }

 protected:
  void Remove() const {
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(file_.string() + end);
  }
  void Open() {
    catalog_.reset();
    catalog_ = *Catalog::Open(file_);
    list_ = std::make_unique<RetentionList>(*catalog_);
  }

  const fs::path file_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<RetentionList> list_;
};

TEST_F(RetentionListTest, IsKeptChangedAndForgotten) {
  int changes = 0;
  list_->OnChange([&] { ++changes; });
  ASSERT_TRUE(list_->Set("shop", 30));
  ASSERT_TRUE(list_->Set("a'; DROP TABLE retention; --", 1));
  ASSERT_TRUE(list_->Set("shop", 7));
  EXPECT_EQ(changes, 3);
  Open();
  const auto all = *list_->All();
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].project, "a'; DROP TABLE retention; --");
  EXPECT_EQ(all[0].days, 1);
  EXPECT_EQ(all[1].project, "shop");
  EXPECT_EQ(all[1].days, 7);
  ASSERT_TRUE(list_->Set("shop", std::nullopt));
  ASSERT_TRUE(list_->Set("never there", std::nullopt));
  EXPECT_EQ(list_->All()->size(), 1);
}

TEST_F(RetentionListTest, DaysHaveBounds) {
  for (const std::int64_t days : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{36'501}})
    EXPECT_EQ(list_->Set("shop", days).error().code, ErrorCode::kInvalidArgument) << days;
  EXPECT_TRUE(list_->Set("shop", 36'500));
  EXPECT_EQ(list_->All()->size(), 1);
}

TEST_F(RetentionListTest, NamesHaveBounds) {
  for (const std::size_t size : {0, 257})
    EXPECT_EQ(list_->Set(std::string(size, 'p'), 1).error().code, ErrorCode::kInvalidArgument) << size;
  EXPECT_TRUE(list_->Set(std::string(256, 'p'), 1));
}

TEST_F(RetentionListTest, ThereIsRoomForTenThousand) {
  const auto fill = [](internal::Connection& connection) {
    return connection.Execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO retention SELECT 'project ' || i, 1 FROM n");
  };
  ASSERT_TRUE(catalog_->InTransaction(fill));
  EXPECT_EQ(list_->Set("one more", 1).error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(list_->Set("project 7", 2));
  EXPECT_EQ(list_->All()->size(), 10'000);
}

}  // namespace
}  // namespace nightjar::catalog
