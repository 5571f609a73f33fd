#include "server/cut_texts.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "server/json_pointer.h"

namespace nightjar::server {
namespace {

class Cutter {
 public:
  explicit Cutter(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  json::array cut;

  // Not deeper than JSON is written.
  void Walk(json::value& value, const std::string& path) {
    if (json::string* text = value.if_string()) return InText(*text, path);
    if (json::array* items = value.if_array())
      for (std::size_t i = 0; i < items->size(); ++i) Walk((*items)[i], path + '/' + std::to_string(i));
    if (json::object* object = value.if_object())
      for (auto& member : *object) Walk(member.value(), path + PointerStep(member.key()));
  }

 private:
  void InText(json::string& text, const std::string& path) {
    if (text.size() <= bytes_max_) return;
    cut.push_back({{"path", path}, {"bytes", text.size()}});
    text.resize(CharacterBegin(text, bytes_max_));
    text.shrink_to_fit();
  }

  const std::size_t bytes_max_;
};

}  // namespace

std::size_t CharacterBegin(std::string_view utf8, std::size_t offset) {
  std::size_t begin = std::min(offset, utf8.size());
  while (begin < utf8.size() && (static_cast<unsigned char>(utf8[begin]) & 0xc0U) == 0x80) --begin;
  return begin;
}

void CutTexts(std::size_t bytes_max, json::object& span) {
  Cutter cutter(bytes_max);
  for (auto& member : span) cutter.Walk(member.value(), PointerStep(member.key()));
  span["cut"] = std::move(cutter.cut);
}

}  // namespace nightjar::server
