#include "semconv/internal/understood.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace nightjar::semconv::internal {
namespace {

json::array ItemOf(const model::Message& message) {
  std::string text;
  json::array tools;
  for (const model::Part& part : message.content) {
    if (part.type == model::Part::Type::kText) text += part.text;
    if (part.type == model::Part::Type::kToolCall) tools.emplace_back(part.name);
  }
  return {message.role, text, std::move(tools)};
}

json::array ItemOf(const model::Document& document) {
  return {document.id, document.content, NumberOrNull(document.score), document.metadata};
}

template <typename Item>
void AddList(std::string_view name, const std::vector<Item>& items, json::object& out) {
  if (items.empty()) return;
  json::array list;
  for (const Item& item : items) list.push_back(ItemOf(item));
  out[name] = std::move(list);
}

}  // namespace

std::string ToText(const Understood& understood) {
  json::object out;
  AddList("input", understood.input, out);
  AddList("output", understood.output, out);
  AddList("retrieval", understood.retrieval, out);
  AddList("reranker_input", understood.reranker_input, out);
  AddList("reranker_output", understood.reranker_output, out);
  return out.empty() ? std::string() : ToJson(out);
}

}  // namespace nightjar::semconv::internal
