#include "store/native_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace nightjar::store {
namespace {

struct Malformed {
  std::string what;
};

// Width of a fixed-width type, or 0.
std::size_t WidthOf(std::string_view type) {
  static constexpr std::pair<std::string_view, std::size_t> kWidths[] = {
      {"UInt8", 1},  {"Bool", 1},   {"Int8", 1},    {"UInt16", 2},   {"Int16", 2},
      {"Date", 2},   {"UInt32", 4}, {"Int32", 4},   {"Float32", 4},  {"DateTime", 4},
      {"UInt64", 8}, {"Int64", 8},  {"Float64", 8}, {"UInt128", 16}, {"Int128", 16},
  };
  for (const auto& [name, width] : kWidths)
    if (type == name) return width;
  if (type.starts_with("DateTime64(")) return 8;
  if (type.starts_with("FixedString(")) {
    std::size_t width = 0;
    std::from_chars(type.data() + 12, type.data() + type.size(), width);
    return width;
  }
  return 0;
}

// "Array(X)" with prefix "Array(" → "X"; empty when the type is another.
std::string_view Inside(std::string_view type, std::string_view prefix) {
  if (!type.starts_with(prefix) || !type.ends_with(')')) return {};
  return type.substr(prefix.size(), type.size() - prefix.size() - 1);
}

// "K, V" → K and V, minding brackets.
std::pair<std::string_view, std::string_view> SplitPair(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] == ',' && depth == 0) return {text.substr(0, i), text.substr(i + 2)};
  }
  throw Malformed{fmt::format("type {}", text)};
}

}  // namespace

class NativeParser {
 public:
  explicit NativeParser(std::string_view bytes) : rest_(bytes) {}

  std::vector<NativeBlock> Blocks() {
    std::vector<NativeBlock> blocks;
    while (!rest_.empty()) {
      NativeBlock block;
      const std::uint64_t columns = Varint();
      block.rows = Varint();
      for (std::uint64_t i = 0; i < columns; ++i) {
        const std::string_view name = Take(Varint());
        const std::string_view type = Take(Varint());
        if (block.rows != 0) Prefix(type);
        NativeColumn column = Column(type, block.rows);
        column.name = name;
        block.columns.push_back(std::move(column));
      }
      if (block.rows != 0) blocks.push_back(std::move(block));
    }
    return blocks;
  }

 private:
  // What stands before the data of the whole column, also for types nested in it: the version of LowCardinality.
  void Prefix(std::string_view type) {
    if (type.starts_with("LowCardinality(")) {
      if (Fixed64() != 1) throw Malformed{"a LowCardinality version other than 1"};
    } else if (const std::string_view item = Inside(type, "Array("); !item.empty()) {
      Prefix(item);
    } else if (const std::string_view pair = Inside(type, "Map("); !pair.empty()) {
      const auto [key, value] = SplitPair(pair);
      Prefix(key);
      Prefix(value);
    }
  }

  NativeColumn Column(std::string_view type, std::size_t rows) {
    NativeColumn column;
    column.type = type;
    if (rows == 0) return column;
    if (const std::size_t width = WidthOf(type)) {
      column.width_ = width;
      column.fixed_ = Take(width * rows);
    } else if (type == "String") {
      column.texts_.reserve(std::min(rows, rest_.size()));
      for (std::size_t i = 0; i < rows; ++i) column.texts_.push_back(Take(Varint()));
    } else if (type == "LowCardinality(String)") {
      ReadLowCardinality(rows, column.texts_);
    } else if (const std::string_view inner = Inside(type, "Nullable("); !inner.empty()) {
      const std::string_view nulls = Take(rows);
      column = Column(inner, rows);
      column.type = type;
      column.nulls_ = nulls;
    } else if (const std::string_view item = Inside(type, "Array("); !item.empty()) {
      const std::size_t items = Ends(rows, column);
      column.items_.push_back(Column(item, items));
    } else if (const std::string_view pair = Inside(type, "Map("); !pair.empty()) {
      const auto [key, value] = SplitPair(pair);
      const std::size_t items = Ends(rows, column);
      column.items_.push_back(Column(key, items));
      column.items_.push_back(Column(value, items));
    } else {
      throw Malformed{fmt::format("type {}", type)};
    }
    return column;
  }

  // One or more runs, each with a dictionary of its own (native_writer.h has the layout).
  void ReadLowCardinality(std::size_t rows, std::vector<std::string_view>& texts) {
    while (texts.size() < rows) {
      const std::size_t index_width = std::size_t{1} << (Fixed64() & 3);
      std::vector<std::string_view> keys;
      for (std::uint64_t count = Fixed64(); count != 0; --count) keys.push_back(Take(Varint()));
      const std::uint64_t run = Fixed64();
      if (run == 0 || run > rows - texts.size()) throw Malformed{"a LowCardinality run of a wrong length"};
      const std::string_view indexes = Take(run * index_width);
      for (std::size_t i = 0; i < run; ++i) {
        std::uint64_t index = 0;
        std::memcpy(&index, indexes.data() + i * index_width, index_width);
        if (index >= keys.size()) throw Malformed{"a LowCardinality index outside its dictionary"};
        texts.push_back(keys[index]);
      }
    }
  }

  std::uint64_t Fixed64() {
    std::uint64_t value = 0;
    std::memcpy(&value, Take(sizeof value).data(), sizeof value);
    return value;
  }

  std::size_t Ends(std::size_t rows, NativeColumn& column) {
    const std::string_view raw = Take(rows * sizeof(std::uint64_t));
    column.ends_.resize(rows);
    std::memcpy(column.ends_.data(), raw.data(), raw.size());
    std::uint64_t last = 0;
    for (const std::uint64_t end : column.ends_) {
      if (end < last) throw Malformed{"offsets that fall"};
      last = end;
    }
    return last;
  }

  std::string_view Take(std::size_t size) {
    if (size > rest_.size()) throw Malformed{"a block that is cut"};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Take(1)[0]);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    throw Malformed{"a varint of more than 10 bytes"};
  }

  std::string_view rest_;
};

Result<std::vector<NativeBlock>> ReadNative(std::string_view bytes) {
  try {
    return NativeParser(bytes).Blocks();
  } catch (const Malformed& malformed) {
    return Fail(ErrorCode::kDataLoss, fmt::format("the engine answered with {}", malformed.what));
  }
}

}  // namespace nightjar::store
