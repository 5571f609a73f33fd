#include "bench/figures.h"

#include <gtest/gtest.h>

namespace nightjar::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

Report Sample() {
  return {.benchmark = "ingest",
          .machine =
              {.cpu = "Some CPU", .cores = 2, .memory_gib = 24, .kernel = "Linux 6", .filesystem = "ext4", .load = 0.5},
          .method = "closed loop",
          .columns = {{.name = "jaeger",
                       .figures = {{"spans_per_s", "spans/s", 0, 120'000},
                                   {"ack_p99_ms", "acknowledgement p99, ms", 1, 12.34},
                                   {"memory_mib", "memory, MiB", 0, std::nullopt}}}}};
}

TEST(Figures, JsonIsReadBack) {
  const std::string text = ToJsonText(Sample());
  EXPECT_NE(text.find(R"("figures":{"spans_per_s":120000,"ack_p99_ms":12.3,"memory_mib":null})"), std::string::npos);
  const auto read = FromJsonText(text);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->machine.cpu, "Some CPU");
  EXPECT_EQ(read->columns.at(0).figures.at(1).value, 12.3);
  EXPECT_EQ(read->columns.at(0).figures.at(2).value, std::nullopt);
}

TEST(Figures, OtherJsonIsRefused) {
  for (const char* text : {"", "{}", "[]", R"({"benchmark":"x","machine":{},"method":"","columns":[]})"}) {
    const auto read = FromJsonText(text);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Figures, ABaselineShowsRatiosWhereBothAreKnown) {
  Report baseline = Sample();
  baseline.columns[0].figures[0].value = 100'000;
  baseline.columns[0].figures[1].value = std::nullopt;
  const std::string table = ToTable(Sample(), &baseline);
  EXPECT_NE(table.find("120000 x1.20\n"), std::string::npos) << table;
  EXPECT_NE(table.find(" 12.3\n"), std::string::npos) << table;
  EXPECT_NE(table.find(" -\n"), std::string::npos) << table;
}

TEST(Figures, AColumnMayLackARow) {
  Report report = Sample();
  report.columns.push_back({.name = "llm", .figures = {{"spans_per_s", "spans/s", 0, 7}, {"rows", "rows", 0, 8}}});
  const std::string table = ToTable(report, nullptr);
  const std::size_t rows = table.find("\nrows ");
  ASSERT_NE(rows, std::string::npos) << table;
  EXPECT_LT(table.find("spans/s "), rows);
  EXPECT_GT(table.find("memory, MiB"), rows);
  EXPECT_EQ(table.substr(rows, table.find('\n', rows + 1) - rows),
            "\nrows" + std::string(46 + 14 - 1, ' ') + "-" + std::string(14 - 1, ' ') + "8");
}

TEST(Figures, QuantilesOfNothingAreNotKnown) {
  std::vector<Figure> figures;
  AddQuantiles("ack", "acknowledgement", {}, figures);
  const std::vector<nanoseconds> times = {milliseconds(1), milliseconds(2), milliseconds(9)};
  AddQuantiles("list", "list", times, figures);
  ASSERT_EQ(figures.size(), 4u);
  EXPECT_EQ(figures[0].value, std::nullopt);
  EXPECT_EQ(figures[2].name, "list_p50_ms");
  EXPECT_EQ(figures[2].value, 2.0);
  EXPECT_EQ(figures[3].value, 9.0);
}

}  // namespace
}  // namespace nightjar::bench
