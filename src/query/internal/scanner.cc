#include "query/internal/scanner.h"

#include "base/lower_case.h"
#include "query/internal/text.h"

namespace nightjar::query::internal {
namespace {

// Longer ones first.
constexpr Sign kSigns[] = {{":>=", Operator::kGreaterOrEqual, false},
                           {":<=", Operator::kLessOrEqual, false},
                           {":>", Operator::kGreater, false},
                           {":<", Operator::kLess, false},
                           {":~", Operator::kRegex, false},
                           {">=", Operator::kGreaterOrEqual, false},
                           {"<=", Operator::kLessOrEqual, false},
                           {"!=", Operator::kEquals, true},
                           {"!~", Operator::kRegex, true},
                           {">", Operator::kGreater, false},
                           {"<", Operator::kLess, false},
                           {"~", Operator::kRegex, false},
                           {"=", Operator::kEquals, false},
                           {":", Operator::kEquals, false}};

}  // namespace

bool Scanner::at_stop() const { return at_end() || IsSpace(text_[at_]) || text_[at_] == ')'; }

void Scanner::SkipSpace() {
  while (!at_end() && IsSpace(text_[at_])) ++at_;
}

bool Scanner::Take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Scanner::TakeMinus() {
  if (next() != '-' || at_ + 1 == text_.size() || IsSpace(text_[at_ + 1])) return false;
  ++at_;
  return true;
}

bool Scanner::IsKeyword(std::string_view word) const {
  const std::string_view rest = text_.substr(at_);
  if (LowerCase(rest.substr(0, word.size())) != word) return false;
  return rest.size() == word.size() || IsSpace(rest[word.size()]) || rest[word.size()] == '(' ||
         rest[word.size()] == ')';
}

bool Scanner::TakeKeyword(std::string_view word) {
  SkipSpace();
  if (!IsKeyword(word)) return false;
  at_ += word.size();
  return true;
}

std::string_view Scanner::TakeName() {
  const std::size_t begin = at_;
  if (!IsLetter(next())) return {};
  const auto is_of_name = [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '.' || c == '-' || c == '/' || c == '$';
  };
  while (!at_end()) {
    if (text_[at_] == '"' && text_[at_ - 1] == '.') {
      bool closed = false;
      TakeQuoted(&closed);
    } else if (is_of_name(text_[at_])) {
      ++at_;
    } else {
      break;
    }
  }
  return text_.substr(begin, at_ - begin);
}

const Sign* Scanner::TakeSign() {
  const std::size_t before = at_;
  SkipSpace();
  for (const Sign& sign : kSigns)
    if (text_.substr(at_).starts_with(sign.text)) {
      const bool is_colon = sign.text.starts_with(':');
      if (is_colon && at_ != before) break;
      at_ += sign.text.size();
      if (sign.text != ":") SkipSpace();
      return &sign;
    }
  at_ = before;
  return nullptr;
}

Written Scanner::TakeWord(std::string_view ends) {
  const std::size_t begin = at_++;
  while (!at_end() && !IsSpace(text_[at_]) && text_[at_] != '(' && text_[at_] != ')' && text_[at_] != '"' &&
         !ends.contains(text_[at_]))
    ++at_;
  return {std::string(text_.substr(begin, at_ - begin)), false};
}

Written Scanner::TakeQuoted(bool* closed) {
  const std::size_t begin = at_++;
  while (!at_end() && text_[at_] != '"') at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 2 : 1;
  *closed = Take('"');
  return {Unquoted(text_.substr(begin, at_ - begin)), true};
}

std::string Unquoted(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  text.remove_prefix(1);
  std::string plain;
  for (std::size_t i = 0; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

}  // namespace nightjar::query::internal
