#include "server/find_text.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cctype>
#include <functional>
#include <utility>

#include "base/lower_case.h"
#include "base/utf8.h"
#include "server/json_pointer.h"

namespace nightjar::server {
namespace {

constexpr std::size_t kAroundBytes = 60;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

class Finder {
 public:
  Finder(std::string_view text, std::size_t matches_max) : wanted_(text), matches_max_(matches_max) {}

  std::vector<Match> matches;

  // Not deeper than JSON is read.
  void Walk(const json::value& value, const std::string& path) {
    if (matches.size() >= matches_max_) return;
    if (const json::string* text = value.if_string()) return InText(*text, path);
    if (const json::array* items = value.if_array())
      for (std::size_t i = 0; i < items->size(); ++i) Walk((*items)[i], path + '/' + std::to_string(i));
    if (const json::object* object = value.if_object())
      for (const auto& [key, item] : *object) Walk(item, path + PointerStep(key));
  }

 private:
  void InText(std::string_view text, const std::string& path) {
    for (const std::size_t at : FindOffsets(text, wanted_, 0, matches_max_ - matches.size())) Add(text, at, path);
  }

  void Add(std::string_view text, std::size_t at, const std::string& path) {
    std::size_t begin = at - std::min(at, kAroundBytes);
    while (begin < at && IsContinuation(text[begin])) ++begin;
    const std::size_t end = at + wanted_.size();
    std::size_t behind = std::min(text.size(), end + kAroundBytes);
    while (behind > end && behind < text.size() && IsContinuation(text[behind])) --behind;
    matches.push_back({path, at, wanted_.size(), std::string(text.substr(begin, at - begin)),
                       std::string(text.substr(at, wanted_.size())), std::string(text.substr(end, behind - end))});
  }

  const std::string wanted_;
  const std::size_t matches_max_;
};

}  // namespace

std::vector<std::size_t> FindOffsets(std::string_view text, std::string_view wanted, std::size_t from,
                                     std::size_t matches_max) {
  const std::string pattern = LowerCase(wanted);
  const std::boyer_moore_horspool_searcher searcher(pattern.begin(), pattern.end());
  const std::string lower = LowerCase(text);
  std::vector<std::size_t> found;
  for (auto begin = lower.begin() + static_cast<std::ptrdiff_t>(std::min(from, lower.size()));
       found.size() < matches_max;) {
    const auto at = std::search(begin, lower.end(), searcher);
    if (at == lower.end()) break;
    found.push_back(static_cast<std::size_t>(at - lower.begin()));
    begin = at + static_cast<std::ptrdiff_t>(pattern.size());
  }
  return found;
}

std::vector<Match> FindText(const json::object& span, std::string_view text, std::size_t matches_max) {
  constexpr std::string_view kSent[] = {"name", "status", "attributes", "events", "links"};
  return FindTextIn(span, kSent, text, matches_max);
}

std::vector<Match> FindTextIn(const json::object& span, std::span<const std::string_view> members,
                              std::string_view text, std::size_t matches_max) {
  Finder finder(text, matches_max);
  for (const std::string_view key : members)
    if (const json::value* value = span.if_contains(key)) finder.Walk(*value, '/' + std::string(key));
  return std::move(finder.matches);
}

}  // namespace nightjar::server
