#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {

const RuleBook& RuleBook::Instance() {
  static const RuleBook book;
  return book;
}

RuleBook::RuleBook() {
  for (std::size_t i = 0; i < kDialectCount; ++i) {
    const Dialect& dialect = *kDialects[i];
    for (const std::string_view marker : dialect.markers) keys_.Add(marker, DialectSet{1} << i, {});
    for (const std::string_view key : dialect.derived_from) keys_.Add(key, 0, {});
    for (const Rule& rule : dialect.rules) {
      const auto field = static_cast<std::size_t>(rule.field);
      rules_[i][field].push_back({&rule, keys_.Add(rule.key, 0, FieldSet().set(field))});
    }
  }
  keys_.LinkAncestors();
}

}  // namespace nightjar::semconv::internal
