#include "server/http/http.h"

#include <algorithm>

namespace nightjar::server {

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view Request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const Header& h) { return EqualsIgnoringCase(h.name, name); });
  return found == headers.end() ? std::string_view() : found->value;
}

std::string_view Request::query_param(std::string_view name) const {
  const auto found =
      std::ranges::find(query, name, [](const auto& parameter) { return std::string_view(parameter.first); });
  return found == query.end() ? std::string_view() : found->second;
}

}  // namespace nightjar::server
