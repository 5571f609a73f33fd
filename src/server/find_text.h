// Where a text occurs in what a span holds.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace nightjar::server {

struct Match {
  std::string path;        // a JSON pointer (RFC 6901) into the Span JSON
  std::size_t offset = 0;  // in bytes of the text there
  std::size_t length = 0;
  std::string before, found, after;  // so many characters around it as a line has
};

// In the name, status, attributes, events and links of a Span JSON: in texts, and in keys of objects never. A to Z are
// the same as a to z; other letters of either case differ. At most `matches_max`, in the order of the JSON.
std::vector<Match> FindText(const json::object& span, std::string_view text, std::size_t matches_max);
// The same in these members of it.
std::vector<Match> FindTextIn(const json::object& span, std::span<const std::string_view> members,
                              std::string_view text, std::size_t matches_max);

// Where `wanted` occurs in the text, from the byte `from` on: at most `matches_max` offsets, which do not overlap.
// REQUIRES: !wanted.empty()
std::vector<std::size_t> FindOffsets(std::string_view text, std::string_view wanted, std::size_t from,
                                     std::size_t matches_max);

}  // namespace nightjar::server
