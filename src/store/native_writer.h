// ClickHouse's Native format, writing side: columns are filled row by row, then a block is put together from them.
//
// A block is: varint columns, varint rows, then per column its name, its type (both length-prefixed) and its data.
// A LowCardinality column begins with the version word 1 (before the offsets of an enclosing Map or Array); its data is
// a flags word, the dictionary (whose entry 0 is the empty string), the row count and one index per row. Map and Array
// are running end offsets (u64) followed by their items. All numbers are little-endian.
#pragma once

#include <xxhash.h>

#include <bit>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nightjar::store {

static_assert(std::endian::native == std::endian::little, "Native blocks are written as they lie in memory");

inline void AppendVarint(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

template <typename T>
void AppendFixed(const T& value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

struct UInt128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto operator<=>(const UInt128&) const = default;
};

// UInt8 … Int64, Float64, UInt128, and FixedString(N) as std::array<uint8_t, N>.
template <typename T>
class FixedColumn {
 public:
  void Add(const T& value) { values_.push_back(value); }
  [[nodiscard]] std::size_t rows() const { return values_.size(); }
  [[nodiscard]] std::size_t bytes() const { return values_.size() * sizeof(T); }
  void AppendPrefix(std::string&) const {}
  void AppendRows(std::string& out) const {
    if (!values_.empty()) out.append(reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof(T));
  }

 private:
  std::vector<T> values_;
};

class StringColumn {
 public:
  void Add(std::string_view value) {
    AppendVarint(value.size(), bytes_);
    bytes_ += value;
    ++rows_;
  }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }
  void AppendPrefix(std::string&) const {}
  void AppendRows(std::string& out) const { out += bytes_; }

 private:
  std::string bytes_;
  std::size_t rows_ = 0;
};

// LowCardinality(String).
class LowCardinalityColumn {
 public:
  LowCardinalityColumn() { IndexOf(""); }
  void Add(std::string_view value) { rows_.push_back(IndexOf(value)); }
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] std::size_t bytes() const {
    return 4 * sizeof(std::uint64_t) + dictionary_bytes_.size() + rows_.size() * sizeof rows_[0];
  }
  void AppendPrefix(std::string& out) const { AppendFixed<std::uint64_t>(1, out); }
  void AppendRows(std::string& out) const {
    if (rows_.empty()) return;
    const std::uint64_t width_code = dictionary_.size() <= 0x100 ? 0 : dictionary_.size() <= 0x10000 ? 1 : 2;
    AppendFixed<std::uint64_t>(0x600 | width_code, out);  // has additional keys, needs its dictionary updated
    AppendFixed<std::uint64_t>(dictionary_.size(), out);
    out += dictionary_bytes_;
    AppendFixed<std::uint64_t>(rows_.size(), out);
    const std::size_t width = std::size_t{1} << width_code;
    std::size_t at = out.size();
    out.resize(at + rows_.size() * width);
    for (const std::uint32_t row : rows_) {
      std::memcpy(out.data() + at, &row, width);
      at += width;
    }
  }

 private:
  struct Hash {
    std::size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
  };

  struct Entry {
    std::string text;
    std::uint32_t next = 0;  // the entry that was given after this one the last time
  };

  std::uint32_t IndexOf(std::string_view value) {
    // Neighbours mostly have the same project, and spans of one kind the same keys in the same order.
    if (!dictionary_.empty()) {
      const std::uint32_t guess = dictionary_[last_].next;
      if (value == dictionary_[guess].text) return last_ = guess;
    }
    const auto known = index_of_.find(value);
    const std::uint32_t index = known != index_of_.end() ? known->second : AddEntry(value);
    dictionary_[last_].next = index;
    return last_ = index;
  }

  std::uint32_t AddEntry(std::string_view value) {
    const auto index = static_cast<std::uint32_t>(dictionary_.size());
    index_of_.emplace(dictionary_.emplace_back(std::string(value)).text, index);
    AppendVarint(value.size(), dictionary_bytes_);
    dictionary_bytes_ += value;
    return index;
  }

  std::deque<Entry> dictionary_;
  boost::unordered_flat_map<std::string_view, std::uint32_t, Hash> index_of_;  // views of dictionary_
  std::uint32_t last_ = 0;                                                     // that was given
  std::string dictionary_bytes_;
  std::vector<std::uint32_t> rows_;
};

// Array(T): add items to `items`, then EndRow().
template <typename Items>
class ArrayColumn {
 public:
  Items items;
  void EndRow() { ends_.push_back(items.rows()); }
  [[nodiscard]] std::size_t rows() const { return ends_.size(); }
  [[nodiscard]] std::size_t bytes() const { return ends_.size() * sizeof ends_[0] + items.bytes(); }
  void AppendPrefix(std::string& out) const { items.AppendPrefix(out); }
  void AppendRows(std::string& out) const {
    if (!ends_.empty()) out.append(reinterpret_cast<const char*>(ends_.data()), ends_.size() * sizeof ends_[0]);
    items.AppendRows(out);
  }

 private:
  std::vector<std::uint64_t> ends_;
};

// Map(LowCardinality(String), V): add pairs, then EndRow().
template <typename Values>
class MapColumn {
 public:
  template <typename V>
  void AddPair(std::string_view key, const V& value) {
    keys_.Add(key);
    values_.Add(value);
  }
  void EndRow() { ends_.push_back(keys_.rows()); }
  [[nodiscard]] std::size_t rows() const { return ends_.size(); }
  [[nodiscard]] std::size_t bytes() const { return ends_.size() * sizeof ends_[0] + keys_.bytes() + values_.bytes(); }
  void AppendPrefix(std::string& out) const {
    keys_.AppendPrefix(out);
    values_.AppendPrefix(out);
  }
  void AppendRows(std::string& out) const {
    if (!ends_.empty()) out.append(reinterpret_cast<const char*>(ends_.data()), ends_.size() * sizeof ends_[0]);
    keys_.AppendRows(out);
    values_.AppendRows(out);
  }

 private:
  std::vector<std::uint64_t> ends_;
  LowCardinalityColumn keys_;
  Values values_;
};

// Nullable(T) of a fixed-width type.
template <typename T>
class NullableColumn {
 public:
  void Add(const T* value) {
    nulls_.push_back(value == nullptr);
    values_.push_back(value ? *value : T{});
  }
  [[nodiscard]] std::size_t rows() const { return nulls_.size(); }
  [[nodiscard]] std::size_t bytes() const { return nulls_.size() * (1 + sizeof(T)); }
  void AppendPrefix(std::string&) const {}
  void AppendRows(std::string& out) const {
    if (nulls_.empty()) return;
    out.append(reinterpret_cast<const char*>(nulls_.data()), nulls_.size());
    out.append(reinterpret_cast<const char*>(values_.data()), values_.size() * sizeof(T));
  }

 private:
  std::vector<std::uint8_t> nulls_;
  std::vector<T> values_;
};

// One block under construction, written at once when it is finished, into memory of the size that it takes: blocks are
// large, and a string that grows copies itself.
// REQUIRES: every column added has the same number of rows, and lives until Finish
class NativeBlockWriter {
 public:
  template <typename Column>
  void Add(std::string_view name, std::string_view type, const Column& column) {
    rows_ = column.rows();
    bytes_ += 2 * kVarintBytesMax + name.size() + type.size() + column.bytes();
    columns_.push_back([name, type, &column](std::string& out) {
      AppendVarint(name.size(), out);
      out += name;
      AppendVarint(type.size(), out);
      out += type;
      if (column.rows() == 0) return;
      column.AppendPrefix(out);
      column.AppendRows(out);
    });
    if (rows_ == 0) return;
    names_ += (names_.empty() ? "" : ", ");
    names_ += name;
  }
  // The names added so far, for "INSERT INTO table (names)".
  [[nodiscard]] const std::string& column_names() const { return names_; }
  [[nodiscard]] std::string Finish() && {
    std::string block;
    block.reserve(bytes_ + 2 * kVarintBytesMax);
    AppendVarint(columns_.size(), block);
    AppendVarint(rows_, block);
    for (const auto& append : columns_) append(block);
    return block;
  }

 private:
  static constexpr std::size_t kVarintBytesMax = 10;
  std::vector<std::function<void(std::string&)>> columns_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  std::string names_;
};

}  // namespace nightjar::store
