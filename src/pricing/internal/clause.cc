#include "pricing/internal/clause.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

namespace nightjar::pricing::internal {

Result<Clause> Clause::Read(const json::value& value) {
  constexpr std::array<std::string_view, 8> kWords{"equals", "starts_with", "ends_with", "contains",
                                                   "regex",  "or",          "and",       "not"};
  const json::object* object = value.if_object();
  const auto word = object != nullptr && object->size() == 1
                        ? std::ranges::find(kWords, std::string_view(object->begin()->key()))
                        : kWords.end();
  if (word == kWords.end())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} is no matching clause", ToJson(value)));
  Clause clause;
  clause.kind_ = static_cast<Kind>(word - kWords.begin());
  const json::value& operand = object->begin()->value();
  if (const json::array* parts = operand.if_array()) {
    for (const json::value& part : *parts) {
      ASSIGN_OR_RETURN(Clause read, Read(part));
      clause.parts_.push_back(std::move(read));
    }
  } else if (operand.is_string()) {
    clause.text_ = operand.get_string();
  } else {
    ASSIGN_OR_RETURN(Clause read, Read(operand));
    clause.parts_.push_back(std::move(read));
  }
  if (clause.kind_ != Kind::kRegex) return clause;
  clause.regex_ = std::make_shared<const re2::RE2>(clause.text_, re2::RE2::Quiet);
  if (!clause.regex_->ok())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", clause.text_, clause.regex_->error()));
  return clause;
}

bool Clause::Matches(std::string_view name) const {
  const auto matches = [name](const Clause& part) { return part.Matches(name); };
  switch (kind_) {
    case Kind::kEquals: return name == text_;
    case Kind::kStartsWith: return name.starts_with(text_);
    case Kind::kEndsWith: return name.ends_with(text_);
    case Kind::kContains: return name.contains(text_);
    case Kind::kRegex: return re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *regex_);
    case Kind::kOr: return std::ranges::any_of(parts_, matches);
    case Kind::kAnd: return std::ranges::all_of(parts_, matches);
    case Kind::kNot: return std::ranges::none_of(parts_, matches);
  }
  return false;
}

}  // namespace nightjar::pricing::internal
