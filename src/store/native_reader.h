// ClickHouse's Native format, reading side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/result.h"

namespace nightjar::store {

// One column of one block. Views point into the bytes given to ReadNative.
class NativeColumn {
 public:
  std::string_view name;
  std::string_view type;

  // A number or FixedString: its bytes as T. REQUIRES: sizeof(T) is the width of the type.
  template <typename T>
  [[nodiscard]] T Fixed(std::size_t row) const {
    CHECK(sizeof(T) == width_ && (row + 1) * width_ <= fixed_.size());
    T value;
    std::memcpy(&value, fixed_.data() + row * width_, sizeof value);
    return value;
  }
  // REQUIRES: String, LowCardinality(String) or FixedString.
  [[nodiscard]] std::string_view Text(std::size_t row) const {
    return width_ != 0 ? fixed_.substr(row * width_, width_) : texts_.at(row);
  }
  [[nodiscard]] bool IsNull(std::size_t row) const { return !nulls_.empty() && nulls_[row] != 0; }

  // Array or Map: the items of `row` are [begin, end) of item_column(0) (and, for a Map, the values in item_column(1)).
  [[nodiscard]] std::size_t begin(std::size_t row) const { return row == 0 ? 0 : ends_.at(row - 1); }
  [[nodiscard]] std::size_t end(std::size_t row) const { return ends_.at(row); }
  [[nodiscard]] const NativeColumn& item_column(std::size_t index) const { return items_.at(index); }

 private:
  friend class NativeParser;
  std::size_t width_ = 0;
  std::string_view fixed_;
  std::vector<std::string_view> texts_;
  std::string_view nulls_;
  std::vector<std::uint64_t> ends_;
  std::vector<NativeColumn> items_;
};

struct NativeBlock {
  std::size_t rows = 0;
  std::vector<NativeColumn> columns;

  // REQUIRES: there is a column of that name.
  [[nodiscard]] const NativeColumn& Named(std::string_view name) const {
    const auto found = std::ranges::find(columns, name, &NativeColumn::name);
    CHECK(found != columns.end());
    return *found;
  }
};

// All blocks of a result. kDataLoss when the bytes are not whole blocks of types we read. `bytes` must outlive the
// result.
Result<std::vector<NativeBlock>> ReadNative(std::string_view bytes);

}  // namespace nightjar::store
