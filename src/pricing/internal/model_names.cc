#include "pricing/internal/model_names.h"
#include "base/lower_case.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace nightjar::pricing::internal {
namespace {

std::string WithDashedDate(std::string name) {
  static const re2::RE2 compact_date(R"(-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(:|$))");
  re2::RE2::GlobalReplace(&name, compact_date, R"(-\1-\2-\3\4)");
  return name;
}

}  // namespace

std::vector<std::string> ModelNames(std::string_view sent) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    for (std::string each : {name, WithDashedDate(name)})
      if (!each.empty() && std::ranges::find(names, each) == names.end()) names.push_back(std::move(each));
  };
  const std::string whole = LowerCase(sent);
  const std::string last = whole.substr(whole.rfind('/') + 1);
  add(whole);
  add(last);
  const std::string base = last.substr(0, last.find('@'));
  add(base);
  // Gemini's stable versions: gemini-2.5-flash-001.
  if (const std::size_t size = base.size(); size > 4 && base.substr(size - 4, 3) == "-00")
    add(base.substr(0, size - 4));
  return names;
}

}  // namespace nightjar::pricing::internal
