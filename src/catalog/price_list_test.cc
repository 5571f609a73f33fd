#include "catalog/price_list.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "catalog/internal/sqlite.h"

namespace nightjar::catalog {
namespace {

namespace fs = std::filesystem;
using pricing::OwnPrice;
using pricing::RateKind;

constexpr std::string_view kPackage =
    R"({"source":"test 1","providers":[{"id":"openai","models":[{"id":"m","match":{"equals":"m"},"prices":[{"input":1,"output":1}]}]}]})";
constexpr std::string_view kOtherPackage = R"({"source":"test 2","providers":[]})";

OwnPrice Price(std::string model, double input) {
  OwnPrice price{.provider = "openai", .model = std::move(model), .valid_from = "2026-01-01", .note = "contract"};
  price.rates[RateKind::kInput] = {.base_usd = input, .tiers = {{200'000, 2 * input}}};
  price.rates[RateKind::kOutput] = {.base_usd = 0};
  return price;
}

class PriceListTest : public testing::Test {
 public:
  PriceListTest()
      : file_(fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()) {
    Remove();
  }
  ~PriceListTest() override { Remove(); }

 protected:
  void Remove() const {
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(file_.string() + end);
  }
  void Open(std::string_view package = kPackage) {
    list_.reset();
    catalog_ = *Catalog::Open(file_);
    list_ = *PriceList::Open(*catalog_, *pricing::ReadPackage(package));
  }
  std::uint32_t version() const { return list_->current().Now()->version(); }
  // Of a million tokens of input in 2026.
  double CostOf(std::string_view model) const {
    const model::TokenUsage tokens{.prompt = 100'000, .completion = 0};
    const auto priced = list_->current().Now()->PriceOf({"openai", model, "", 1'780'000'000'000'000'000, tokens});
    return priced.cost ? priced.cost->total_usd * 10 : -1;
  }

  const fs::path file_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<PriceList> list_;
};

TEST_F(PriceListTest, PricesAreKeptAndWin) {
  Open();
  EXPECT_EQ(version(), 1U);
  EXPECT_EQ(CostOf("m"), 1);
  const OwnPrice kept = *list_->Add(Price("m", 3));
  EXPECT_EQ(kept.id, 1);
  EXPECT_GT(kept.created_unix_ns, 1'600'000'000'000'000'000U);
  EXPECT_EQ(CostOf("m"), 3);
  EXPECT_EQ(version(), 2U);
  Open();
  EXPECT_EQ(version(), 2U);
  EXPECT_EQ(list_->current().Now()->own(), std::vector<OwnPrice>{kept});
}

TEST_F(PriceListTest, ChangesRaiseTheVersionAndAreTold) {
  Open();
  std::vector<std::uint32_t> told;
  list_->OnChange([&](std::uint32_t now) { told.push_back(now); });
  OwnPrice price = *list_->Add(Price("own", 3));
  price.rates[RateKind::kInput]->base_usd = 4;
  EXPECT_EQ(list_->Replace(price)->created_unix_ns, price.created_unix_ns);
  EXPECT_EQ(CostOf("own"), 4);
  ASSERT_TRUE(list_->Delete(price.id));
  EXPECT_EQ(CostOf("own"), -1);
  EXPECT_EQ(told, (std::vector<std::uint32_t>{2, 3, 4}));
  EXPECT_EQ(list_->Add(Price("own", 5))->id, 2) << "an id is not used again";
}

TEST_F(PriceListTest, AnotherPackageRaisesTheVersion) {
  Open();
  Open(kOtherPackage);
  EXPECT_EQ(version(), 2U);
  Open(kOtherPackage);
  EXPECT_EQ(version(), 2U);
  Open();
  EXPECT_EQ(version(), 3U);
}

TEST_F(PriceListTest, WhatCannotBeChangesNothing) {
  Open();
  EXPECT_EQ(list_->Add(Price("(", 1)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(list_->Replace(Price("x", 1)).error().message, "there is no own price 0");
  EXPECT_EQ(list_->Delete(7).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(version(), 1U);
}

TEST_F(PriceListTest, ThereIsRoomForAThousand) {
  Open();
  ASSERT_TRUE(catalog_->InTransaction([](internal::Connection& connection) {
    return connection.Execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) INSERT INTO own_prices "
        "SELECT NULL, '', 'm' || i, '', '', '{\"input\":1}', '', 0 FROM n");
  }));
  ASSERT_TRUE(list_->Add(Price("last", 1)));
  EXPECT_EQ(list_->Add(Price("one more", 1)).error().message, "there are 1000 own prices; delete one first");
}

TEST_F(PriceListTest, ManyMayChangeAndPriceAtOnce) {
  Open();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([this] {
        for (int i = 0; i < 10; ++i) {
          const OwnPrice price = *list_->Add(Price("m", 3));
          EXPECT_EQ(CostOf("m"), 3);
          EXPECT_TRUE(list_->Delete(price.id));
        }
      });
  }
  EXPECT_EQ(version(), 81U);
  EXPECT_EQ(CostOf("m"), 1);
  EXPECT_TRUE(list_->current().Now()->own().empty());
}

}  // namespace
}  // namespace nightjar::catalog
