#include "query/complete.h"

#include <algorithm>

#include "base/lower_case.h"
#include "query/internal/scanner.h"
#include "query/internal/text.h"

namespace nightjar::query {
namespace {

using internal::IsSpace;
using internal::Scanner;

bool Separates(char c) { return IsSpace(c) || c == '(' || c == ')'; }

// The condition around `at`: what lies between spaces and brackets that are in no quotes.
TextRange ConditionAround(std::string_view text, std::size_t at) {
  TextRange range{0, text.size()};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted)
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && Separates(text[i])) {
      if (i >= at) {
        range.end = i;
        break;
      }
      range.begin = i + 1;
    }
  }
  return range;
}

const Field* KeyedField(std::string_view name) {
  for (const Field& field : Fields())
    if (field.takes_key() && LowerCase(name.substr(0, field.name.size())) == field.name) return &field;
  return nullptr;
}

}  // namespace

Completion CompletionAt(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  TextRange around = ConditionAround(text, at);
  Completion completion;
  completion.rest = std::string(text.substr(0, around.begin)) + ' ' + std::string(text.substr(around.end));
  if (around.begin < at && text[around.begin] == '-') ++around.begin;
  completion.replaced = around;

  Scanner scanner(text.substr(around.begin, at - around.begin));
  const std::string_view name = scanner.TakeName();
  const std::size_t name_end = scanner.at();
  const bool is_comparison = scanner.TakeSign() != nullptr;
  if (!is_comparison) {
    scanner.GoTo(scanner.text().size());
    completion.typed = internal::Unquoted(scanner.text());
    if (const Field* field = KeyedField(name)) {
      completion.wanted = Completion::Wanted::kKey;
      completion.field = field;
      completion.typed = internal::Unquoted(name.substr(field->name.size()));
      completion.replaced.begin += field->name.size();
    }
    return completion;
  }
  completion.typed = internal::Unquoted(scanner.text().substr(scanner.at()));
  completion.replaced.begin += scanner.at();
  if (LowerCase(scanner.text().substr(0, name_end)) == "has") {
    completion.wanted = Completion::Wanted::kField;
    return completion;
  }
  completion.wanted = Completion::Wanted::kValue;
  completion.field = KeyedField(name) != nullptr ? nullptr : FindField(name);
  return completion;
}

}  // namespace nightjar::query
