#include "server/match_place.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cctype>
#include <charconv>
#include <tuple>
#include <utility>

namespace nightjar::server {
namespace {

// By what a path begins with; the best first. What follows a list's name is the position in it.
struct Place {
  std::string_view path;
  std::string_view place;
};
constexpr Place kPlaces[] = {{"/exception/", "exception"},
                             {"/llm/output_messages/", "output message"},
                             {"/llm/input_messages/", "input message"},
                             {"/tool/arguments", "tool argument"},
                             {"/tool/result", "tool result"},
                             {"/retrieval/documents/", "document"},
                             {"/reranker/input_documents/", "document"},
                             {"/reranker/output_documents/", "document"},
                             {"/name", "name"},
                             {"/status/message", "status"},
                             {"/llm/tools/", "tool definition"},
                             {"/llm/prompt_template/", "prompt template"},
                             {"/retrieval/", "query"},
                             {"/reranker/", "query"},
                             {"/metadata/", "metadata"},
                             {"/input/value", "input"},
                             {"/output/value", "output"},
                             {"/attributes/", "attribute"},
                             {"/events/", "event"},
                             {"/links/", "link"}};
constexpr std::string_view kDerived[] = {"exception", "llm",  "tool",   "retrieval",
                                         "reranker",  "name", "status", "metadata"};
constexpr std::string_view kWhole[] = {"input", "output"};
constexpr std::string_view kSent[] = {"attributes", "events", "links"};
// Of one word in one span: what is best is among the first of them, mostly.
constexpr std::size_t kLookedAtMax = 50;

// The parts of a JSON pointer.
std::vector<std::string> PartsOf(std::string_view path) {
  std::vector<std::string> parts;
  for (const char c : path) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string& part : parts) {
    for (std::size_t at = part.find("~1"); at != std::string::npos; at = part.find("~1", at)) part.replace(at, 2, "/");
    for (std::size_t at = part.find("~0"); at != std::string::npos; at = part.find("~0", at + 1))
      part.replace(at, 2, "~");
  }
  return parts;
}

std::optional<std::size_t> NumberOf(const std::string& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string TextAt(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  const json::value* member = object != nullptr ? object->if_contains(key) : nullptr;
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : "";
}

// Who says it, and if it is in a call of a tool, of which one.
void DescribeMessage(const json::object& span, const std::vector<std::string>& parts, PlacedMatch& placed) {
  boost::system::error_code error;
  const std::string at = '/' + parts[0] + '/' + parts[1] + '/' + parts[2];
  const json::value* message = span.at(parts[0]).find_pointer(at.substr(1 + parts[0].size()), error);
  if (message == nullptr) return;
  placed.role = TextAt(*message, "role");
  if (parts.size() < 6) return;
  const json::value* part = message->find_pointer("/content/" + parts[4], error);
  if (part == nullptr) return;
  const std::string type = TextAt(*part, "type");
  if (type == "tool_call") placed.place = "tool argument";
  if (type == "tool_result") placed.place = "tool result";
  if (type == "reasoning") placed.place = "reasoning";
  if (type == "tool_call") placed.key = TextAt(*part, "name");
}

bool IsInWord(std::string_view text, bool at_end) {
  if (text.empty()) return false;
  const auto c = static_cast<unsigned char>(at_end ? text.back() : text.front());
  return c >= 0x80 || std::isalnum(c) != 0 || c == '_';
}

PlacedMatch Placed(const json::object& span, Match match) {
  PlacedMatch placed;
  placed.is_whole_word = !IsInWord(match.before, true) && !IsInWord(match.after, false);
  const auto found =
      std::ranges::find_if(kPlaces, [&](const Place& place) { return match.path.starts_with(place.path); });
  placed.place = found == std::end(kPlaces) ? "span" : found->place;
  const std::vector<std::string> parts = PartsOf(match.path);
  if (found != std::end(kPlaces) && found->path.ends_with('/') && parts.size() > 1) {
    const bool is_keyed = placed.place == "attribute" || placed.place == "metadata";
    if (is_keyed) placed.key = parts[1];
    placed.position = placed.place == "event" || placed.place == "link" ? NumberOf(parts[1])
                      : parts.size() > 2 && !is_keyed                   ? NumberOf(parts[2])
                                                                        : std::nullopt;
  }
  if (parts[0] == "tool") placed.key = TextAt(span.at("tool"), "name");
  if (parts.size() > 2 && match.path.starts_with("/llm/") && match.path.find("_messages/") != std::string::npos)
    DescribeMessage(span, parts, placed);
  placed.match = std::move(match);
  return placed;
}

std::size_t RankOf(const PlacedMatch& placed) {
  const auto found =
      std::ranges::find_if(kPlaces, [&](const Place& place) { return placed.match.path.starts_with(place.path); });
  return static_cast<std::size_t>(found - std::begin(kPlaces));
}

}  // namespace

bool IsBetter(const PlacedMatch& a, const PlacedMatch& b) {
  const auto order = [](const PlacedMatch& placed) {
    return std::tuple(!placed.is_whole_word, RankOf(placed), ~placed.position.value_or(0), placed.match.offset);
  };
  return order(a) < order(b);
}

std::vector<PlacedMatch> FindPlaces(const json::object& span, const std::vector<std::string>& words,
                                    std::size_t matches_max) {
  std::vector<PlacedMatch> placed;
  for (const std::string& word : words) {
    std::vector<Match> matches = FindTextIn(span, kDerived, word, kLookedAtMax);
    if (matches.empty()) matches = FindTextIn(span, kWhole, word, kLookedAtMax);
    if (matches.empty()) matches = FindTextIn(span, kSent, word, kLookedAtMax);
    for (Match& match : matches) placed.push_back(Placed(span, std::move(match)));
  }
  std::ranges::stable_sort(placed, IsBetter);
  if (placed.size() > matches_max) placed.resize(matches_max);
  return placed;
}

json::object ToJsonValue(const PlacedMatch& placed) {
  const Match& match = placed.match;
  return {{"trace_id", placed.trace_id.ToHex()},
          {"span_id", placed.span_id.ToHex()},
          {"span_name", placed.span_name},
          {"place", placed.place},
          {"role", TextOrNull(placed.role)},
          {"key", TextOrNull(placed.key)},
          {"position", NumberOrNull(placed.position)},
          {"path", match.path},
          {"offset", match.offset},
          {"length", match.length},
          {"before", match.before},
          {"found", match.found},
          {"after", match.after}};
}

}  // namespace nightjar::server
