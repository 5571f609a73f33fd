#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "catalog/internal/sqlite.h"

namespace nightjar::catalog {
namespace {

namespace fs = std::filesystem;
using internal::Connection;

class CatalogTest : public testing::Test {
 public:
  CatalogTest()
      : folder_(fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~CatalogTest() override { fs::remove_all(folder_); }

 protected:
  static Result<void> Insert(Catalog& catalog, const std::string& model) {
    return catalog.InTransaction([&](Connection& connection) {
      return connection.Execute("INSERT INTO own_prices VALUES (NULL, '', '" + model + "', '', '', '{}', '', 0)");
    });
  }

  static std::int64_t Rows(Catalog& catalog) {
    std::int64_t rows = -1;
    const auto work = [&](Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(internal::Statement count, connection.Prepare("SELECT count(*) FROM own_prices"));
      RETURN_IF_ERROR(count.Step());
      rows = count.Integer(0);
      return {};
    };
    EXPECT_TRUE(catalog.InTransaction(work));
    return rows;
  }

  const fs::path folder_;
};

TEST_F(CatalogTest, WhatWasCommittedIsThereAgain) {
  const fs::path file = folder_ / "catalog.db";
  ASSERT_TRUE(Insert(**Catalog::Open(file), "a"));
  EXPECT_EQ(Rows(**Catalog::Open(file)), 1);
}

// As after a crash: the files are taken while the program still has them open.
TEST_F(CatalogTest, ACrashKeepsWhatWasCommittedAndNothingElse) {
  const auto catalog = *Catalog::Open(folder_ / "catalog.db");
  ASSERT_TRUE(Insert(*catalog, "a"));
  const auto work = [&](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(connection.Execute("INSERT INTO own_prices VALUES (NULL, '', 'b', '', '', '{}', '', 0)"));
    fs::create_directories(folder_ / "crashed");
    for (const char* name : {"catalog.db", "catalog.db-wal"}) fs::copy(folder_ / name, folder_ / "crashed" / name);
    return {};
  };
  ASSERT_TRUE(catalog->InTransaction(work));
  EXPECT_EQ(Rows(**Catalog::Open(folder_ / "crashed" / "catalog.db")), 1);
  EXPECT_EQ(Rows(*catalog), 2);
}

TEST_F(CatalogTest, AFailedTransactionLeavesNothing) {
  const auto catalog = *Catalog::Open(folder_ / "catalog.db");
  const auto work = [](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(connection.Execute("INSERT INTO own_prices VALUES (NULL, '', 'a', '', '', '{}', '', 0)"));
    return Fail(ErrorCode::kInvalidArgument, "no");
  };
  EXPECT_EQ(catalog->InTransaction(work).error().message, "no");
  EXPECT_EQ(Rows(*catalog), 0);
  ASSERT_TRUE(Insert(*catalog, "a"));
}

TEST_F(CatalogTest, ItIsSafeByItsSettings) {
  const auto catalog = *Catalog::Open(folder_ / "catalog.db");
  const auto pragma = [&](std::string_view name) {
    std::string value;
    const auto work = [&](Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(internal::Statement statement, connection.Prepare("PRAGMA " + std::string(name)));
      RETURN_IF_ERROR(statement.Step());
      value = statement.Text(0);
      return {};
    };
    EXPECT_TRUE(catalog->InTransaction(work));
    return value;
  };
  EXPECT_EQ(pragma("journal_mode"), "wal");
  EXPECT_EQ(pragma("synchronous"), "2");  // FULL
  EXPECT_EQ(pragma("user_version"), "2");
}

TEST_F(CatalogTest, WhatItCannotReadIsRefused) {
  const fs::path text = folder_ / "text";
  std::ofstream(text) << std::string(5000, 'x');
  EXPECT_EQ(Catalog::Open(text).error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(Catalog::Open(folder_ / "missing" / "catalog.db").error().code, ErrorCode::kUnavailable);

  const fs::path newer = folder_ / "newer";
  ASSERT_TRUE(
      (*Catalog::Open(newer))->InTransaction([](Connection& open) { return open.Execute("PRAGMA user_version = 3"); }));
  const auto refused = Catalog::Open(newer);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(refused.error().message, "the catalog " + newer.string() +
                                         " is of format 3, this program reads up to 2; run the version that wrote it");

  const fs::path foreign = folder_ / "foreign";
  ASSERT_TRUE(Connection::Open(foreign)->Execute("PRAGMA application_id = 7"));
  EXPECT_EQ(Catalog::Open(foreign).error().message, foreign.string() + " is no catalog of nightjar");
}

TEST_F(CatalogTest, ACopyIsWhole) {
  const auto catalog = *Catalog::Open(folder_ / "catalog.db");
  ASSERT_TRUE(Insert(*catalog, "a"));
  ASSERT_TRUE(catalog->CopyTo(folder_ / "copy.db"));
  ASSERT_TRUE(Insert(*catalog, "b"));
  EXPECT_FALSE(fs::exists(folder_ / "copy.db-wal"));
  EXPECT_EQ(Rows(**Catalog::Open(folder_ / "copy.db")), 1);
  EXPECT_FALSE(catalog->CopyTo(folder_ / "copy.db")) << "it exists";
}

}  // namespace
}  // namespace nightjar::catalog
