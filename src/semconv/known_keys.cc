#include "semconv/known_keys.h"

#include <unordered_set>

#include "semconv/internal/rule_book.h"

namespace nightjar::semconv {
namespace {

using namespace internal;

std::unordered_set<std::string_view> KeysOfRules() {
  std::unordered_set<std::string_view> keys;
  for (const Dialect* dialect : kDialects) {
    for (const Rule& rule : dialect->rules) keys.insert(rule.key);
    keys.insert(dialect->derived_from.begin(), dialect->derived_from.end());
  }
  return keys;
}

}  // namespace

bool IsRead(std::string_view key) {
  static const std::unordered_set<std::string_view> keys = KeysOfRules();
  if (keys.contains(key)) return true;
  // A first segment alone ("llm") is what several rules have in common, and no list.
  const std::size_t first = key.find('.');
  for (std::size_t dot = key.rfind('.'); dot != std::string_view::npos && dot != first; dot = key.rfind('.', dot - 1))
    if (keys.contains(key.substr(0, dot))) return true;
  return false;
}

}  // namespace nightjar::semconv
