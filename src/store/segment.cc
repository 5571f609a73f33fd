// Rope: pieces one after the other, each a varint n. Even n: a literal of n / 2 bytes follows. Odd n: segment number
// (n - 1) / 2 of the row's `segments`.
#include "store/segment.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace nightjar::store {
namespace {

constexpr int kCutDepthMax = 3;

// Finds where the elements of the outermost arrays begin and end, without believing that the text is JSON.
class ElementScanner {
 public:
  explicit ElementScanner(std::string_view text) : text_(text) {}

  // Offsets at which to cut, ascending: begin and end of each element.
  std::vector<std::size_t> Cuts() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      switch (c) {
        case '"': i = EndOfString(i + 1); break;
        case '[':
        case '{':
          ++depth_;
          if (c == '[' && array_depth_ == 0 && depth_ <= kCutDepthMax) {
            array_depth_ = depth_;
            cuts_.push_back(i + 1);
          }
          break;
        case ']':
        case '}':
          if (depth_ == array_depth_ && array_depth_ != 0) {
            cuts_.push_back(i);
            array_depth_ = 0;
          }
          --depth_;
          break;
        case ',':
          if (depth_ == array_depth_ && array_depth_ != 0) {
            cuts_.push_back(i);
            cuts_.push_back(i + 1);
          }
          break;
        default: break;
      }
    }
    return std::move(cuts_);
  }

 private:
  // The quote that ends the string with this first character, or the text's end. Most of a text is in strings, and
  // most of a string is neither a quote nor behind a backslash.
  [[nodiscard]] std::size_t EndOfString(std::size_t begin) const {
    for (std::size_t quote = begin;; ++quote) {
      quote = text_.find('"', quote);
      if (quote == std::string_view::npos) return text_.size();
      std::size_t unescaped = quote;
      while (unescaped > begin && text_[unescaped - 1] == '\\') --unescaped;
      if ((quote - unescaped) % 2 == 0) return quote;
    }
  }

  std::string_view text_;
  std::vector<std::size_t> cuts_;
  int depth_ = 0;
  int array_depth_ = 0;  // depth of the array being cut; 0: none
};

bool LooksLikeJson(std::string_view value) {
  const std::size_t begin = value.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && (value[begin] == '[' || value[begin] == '{');
}

bool IsJsonSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

UInt128 HashSegment(const SegmentKey& key, std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits_withSecret(bytes.data(), bytes.size(), key.secret.data(), key.secret.size());
  return {.low = hash.low64, .high = hash.high64};
}

std::vector<Piece> SplitAtRepeats(std::string_view value) {
  std::vector<std::size_t> cuts;
  if (LooksLikeJson(value)) cuts = ElementScanner(value).Cuts();
  cuts.push_back(value.size());

  std::vector<Piece> pieces;
  std::size_t begin = 0;
  const auto add = [&](std::size_t end, bool is_segment) {
    if (end == begin) return;
    const std::string_view bytes = value.substr(begin, end - begin);
    if (!is_segment && !pieces.empty() && !pieces.back().is_segment) {
      std::string_view& last = pieces.back().bytes;
      last = {last.data(), last.size() + bytes.size()};
    } else {
      pieces.push_back({bytes, is_segment});
    }
    begin = end;
  };
  for (const std::size_t cut : cuts) {
    // White space around an element stays outside it, so that an element is the same wherever it stands in an array.
    std::size_t element_begin = begin;
    while (element_begin < cut && IsJsonSpace(value[element_begin])) ++element_begin;
    std::size_t element_end = cut;
    while (element_end > element_begin && IsJsonSpace(value[element_end - 1])) --element_end;
    if (element_end - element_begin >= kSegmentBytesMin) {
      add(element_begin, false);
      add(element_end, true);
    }
    add(cut, false);
  }
  const bool none = std::ranges::none_of(pieces, &Piece::is_segment);
  if (none) return {{value, true}};
  return pieces;
}

void RopeBuilder::AddValue(std::string_view value) {
  if (value.size() <= kShortStringBytesMax) return AddLiteral(value);
  for (const Piece& piece : SplitAtRepeats(value)) {
    if (piece.is_segment) {
      PutSegment(piece.bytes);
    } else {
      AddLiteral(piece.bytes);
    }
  }
}

std::string RopeBuilder::Take() {
  PutLiteral();
  return std::exchange(rope_, {});
}

void RopeBuilder::PutLiteral() {
  if (literal_.empty()) return;
  AppendVarint(literal_.size() << 1, rope_);
  rope_ += literal_;
  literal_.clear();
}

void RopeBuilder::PutSegment(std::string_view body) {
  PutLiteral();
  const UInt128 hash = HashSegment(key_, body);
  const auto [known, is_new] = number_of_.try_emplace(hash, segments_.size());
  if (is_new) {
    segments_.push_back(hash);
    on_segment_(hash, body);
  }
  AppendVarint(known->second << 1 | 1, rope_);
}

Result<std::string> JoinRope(std::string_view rope,
                             const std::function<const std::string_view*(std::uint64_t)>& segment_body) {
  std::string value;
  std::size_t at = 0;
  while (at < rope.size()) {
    std::uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      if (at == rope.size() || shift > 63) return Fail(ErrorCode::kDataLoss, "a stored rope is malformed");
      const auto byte = static_cast<unsigned char>(rope[at++]);
      number |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) break;
    }
    if (number & 1) {
      const std::string_view* body = segment_body(number >> 1);
      if (body == nullptr)
        return Fail(ErrorCode::kDataLoss, fmt::format("segment {} of a stored value is missing", number >> 1));
      value += *body;
    } else {
      const std::uint64_t size = number >> 1;
      if (size > rope.size() - at) return Fail(ErrorCode::kDataLoss, "a stored rope is malformed");
      value += rope.substr(at, size);
      at += size;
    }
  }
  return value;
}

}  // namespace nightjar::store
