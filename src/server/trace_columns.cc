#include "server/trace_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/native_writer.h"
#include "store/newest_copy.h"
#include "store/repeated_calls.h"

namespace nightjar::server {
namespace {

constexpr std::uint32_t kVersion = 3;
constexpr std::int32_t kNoParent = -1;
constexpr std::int32_t kFirstMissingParent = -2;

// Texts by number, each once.
class TextTable {
 public:
  std::uint32_t NumberOf(std::string_view text) {
    const auto [at, is_new] = numbers_.try_emplace(std::string(text), static_cast<std::uint32_t>(numbers_.size()));
    if (is_new) {
      store::AppendFixed(static_cast<std::uint32_t>(text.size()), lengths_);
      bytes_ += text;
    }
    return at->second;
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(numbers_.size()); }
  void AppendTo(std::string& out) const { out += lengths_ + bytes_; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::string lengths_, bytes_;
};

class Columns {
 public:
  // The columns are those of ReadTraceColumns; each block is given up once it is read. REQUIRES: `blocks` has a row
  Columns(std::vector<store::NativeBlock> blocks, const TraceId& trace_id, const store::RepeatedCalls& repeats)
      : trace_id_(trace_id), repeats_(repeats) {
    for (const store::NativeBlock& block : blocks)
      for (std::size_t row = 0; row < block.rows; ++row) {
        if (row_of_.empty()) first_start_ = block.columns.at(2).Fixed<std::uint64_t>(row);
        row_of_.emplace_back(block.columns.at(0).Fixed<std::uint64_t>(row), static_cast<std::int32_t>(row_of_.size()));
      }
    std::ranges::sort(row_of_);
    for (store::NativeBlock& block : blocks) {
      for (std::size_t row = 0; row < block.rows; ++row) Add(block.columns, row);
      block = {};
    }
  }

  // REQUIRES: called once
  [[nodiscard]] std::string Text() {
    std::string out = "NJTC";
    store::AppendFixed(kVersion, out);
    store::AppendFixed(static_cast<std::uint32_t>(row_of_.size()), out);
    store::AppendFixed(texts_.size(), out);
    store::AppendFixed(first_start_, out);
    store::AppendFixed(static_cast<std::uint64_t>(number_of_missing_.size()), out);
    for (std::string* column : {&ids_, &starts_, &durations_, &tokens_, &completions_, &first_tokens_, &costs_,
                                &missing_, &parents_, &names_, &services_, &models_, &kinds_, &statuses_})
      out += std::exchange(*column, {});
    texts_.AppendTo(out);
    return out;
  }

 private:
  void Add(const std::vector<store::NativeColumn>& at, std::size_t row) {
    const auto id = at.at(0).Fixed<std::uint64_t>(row);
    const bool repeats = repeats_.contains({trace_id_, store::SpanIdFromNumber(id)});
    const bool is_counted = at.at(10).Fixed<std::uint8_t>(row) != 0 && !repeats;
    const bool is_priced = at.at(12).Fixed<std::uint8_t>(row) != 0 && !repeats;
    store::AppendFixed(id, ids_);
    store::AppendFixed(at.at(2).Fixed<std::uint64_t>(row) - first_start_, starts_);
    store::AppendFixed(at.at(3).Fixed<std::int64_t>(row), durations_);
    const auto known_or_negative = [&](bool is_known, std::size_t column) {
      return is_known ? static_cast<std::int64_t>(at.at(column).Fixed<std::uint64_t>(row)) : std::int64_t{-1};
    };
    store::AppendFixed(known_or_negative(is_counted, 9), tokens_);
    store::AppendFixed(known_or_negative(at.at(14).Fixed<std::uint8_t>(row) != 0 && !repeats, 13), completions_);
    store::AppendFixed(known_or_negative(at.at(16).Fixed<std::uint8_t>(row) != 0, 15), first_tokens_);
    store::AppendFixed(is_priced ? at.at(11).Fixed<double>(row) : std::numeric_limits<double>::quiet_NaN(), costs_);
    store::AppendFixed(ParentRow(at.at(1).Fixed<std::uint64_t>(row)), parents_);
    store::AppendFixed(texts_.NumberOf(at.at(6).Text(row)), names_);
    store::AppendFixed(texts_.NumberOf(at.at(7).Text(row)), services_);
    store::AppendFixed(texts_.NumberOf(at.at(8).Text(row)), models_);
    store::AppendFixed(texts_.NumberOf(at.at(5).Text(row)), kinds_);
    store::AppendFixed(static_cast<std::uint8_t>(at.at(4).Fixed<std::int32_t>(row)), statuses_);
  }

  [[nodiscard]] std::int32_t ParentRow(std::uint64_t id) {
    if (id == 0) return kNoParent;
    const auto parent = std::ranges::lower_bound(row_of_, id, {}, &std::pair<std::uint64_t, std::int32_t>::first);
    if (parent != row_of_.end() && parent->first == id) return parent->second;
    const auto [missing, is_new] =
        number_of_missing_.try_emplace(id, static_cast<std::int32_t>(number_of_missing_.size()));
    if (is_new) store::AppendFixed(id, missing_);
    return kFirstMissingParent - missing->second;
  }

  const TraceId& trace_id_;
  const store::RepeatedCalls& repeats_;
  std::uint64_t first_start_ = 0;
  std::vector<std::pair<std::uint64_t, std::int32_t>> row_of_;  // by span id
  std::unordered_map<std::uint64_t, std::int32_t> number_of_missing_;
  std::string ids_, starts_, durations_, tokens_, completions_, first_tokens_, costs_, missing_;
  std::string parents_, names_, services_, models_, kinds_, statuses_;
  TextTable texts_;
};

}  // namespace

Result<std::string> ReadTraceColumns(store::ClickHouse& clickhouse, const std::string& project, const TraceId& trace_id,
                                     const store::QueryOptions& options) {
  const std::vector<store::QueryParam> params = {{"project", project}, {"trace", trace_id.ToHex()}};
  const std::string sql = fmt::format(
      "SELECT span_id, parent_span_id, start_unix_ns, duration_ns, status, toString(kind), "
      "toString(if(title = '', name, title)), "
      "toString(service_name), toString(model), total_tokens, bitTest(known, 2), "
      "if(bitTest(known, 7), cost_usd, reported_cost_usd), {} AND bitAnd(known, 192) != 0, "
      "completion_tokens, bitTest(known, 1), first_token_ns, bitTest(known, 8) "
      "FROM (SELECT * FROM nightjar.spans WHERE project = {{project:String}} AND "
      "trace_id = toFixedString(unhex({{trace:String}}), 16) ORDER BY {} LIMIT 1 BY span_id) "
      "ORDER BY start_unix_ns, duration_ns DESC, span_id",
      store::kIsCall, store::kNewestCopyFirst);
  ASSIGN_OR_RETURN(std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  std::size_t rows = 0;
  for (const store::NativeBlock& block : blocks) rows += block.rows;
  if (rows == 0) return std::string();
  ASSIGN_OR_RETURN(const store::RepeatedCalls repeats,
                   store::ReadRepeatedCalls(clickhouse, project, {trace_id}, options));
  Columns columns(std::move(blocks), trace_id, repeats);
  bytes = {};
  return columns.Text();
}

}  // namespace nightjar::server
