// What a place in a span is to people: a message of the user, an argument of a tool, a document.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "server/find_text.h"

namespace nightjar::server {

struct PlacedMatch {
  TraceId trace_id;
  SpanId span_id;
  std::string span_name;
  std::string_view place;               // "output message", "document" …
  std::string role;                     // of a message; else ""
  std::string key;                      // of an attribute or of metadata, or the tool's name; else ""
  std::optional<std::size_t> position;  // of the message, document or event in its list
  bool is_whole_word = false;
  Match match;
};

// Where the words occur in a Span JSON with what is derived; in what was sent only when that does not have them. At
// most `matches_max`, the best first: whole words before parts of words, then by place, the latest message first.
std::vector<PlacedMatch> FindPlaces(const json::object& span, const std::vector<std::string>& words,
                                    std::size_t matches_max);

// The order of FindPlaces, for those of several spans.
bool IsBetter(const PlacedMatch& a, const PlacedMatch& b);

json::object ToJsonValue(const PlacedMatch& match);

}  // namespace nightjar::server
