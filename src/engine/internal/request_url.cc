#include "engine/internal/request_url.h"

#include <algorithm>

namespace nightjar::engine {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// application/x-www-form-urlencoded: '+' is a space.
Result<std::string> Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Fail(ErrorCode::kInvalidArgument, "broken percent-encoding in the URL");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

bool IsIdentifier(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<void> Assign(std::string name, std::string value, RequestUrl& url) {
  constexpr std::string_view kParameter = "param_";
  if (name == "query") {
    url.query = std::move(value);
  } else if (name == "default_format") {
    url.format = std::move(value);
  } else if (name == "role") {
    if (value != "rw" && value != "ro") return Fail(ErrorCode::kInvalidArgument, "unknown role \"" + value + "\"");
    url.role = value == "ro" ? Role::kUser : Role::kServer;
  } else if (name == "row_filters") {
    url.row_filters = std::move(value);
  } else if (name == "database") {
    if (value != "default") return Fail(ErrorCode::kInvalidArgument, "name the database in the statement: " + value);
  } else if (name.starts_with(kParameter)) {
    url.parameters.emplace_back(name.substr(kParameter.size()), std::move(value));
  } else if (IsIdentifier(name)) {
    url.settings.emplace_back(std::move(name), std::move(value));
  } else {
    return Fail(ErrorCode::kInvalidArgument, "not a setting: \"" + name + "\"");
  }
  return {};
}

}  // namespace

Result<RequestUrl> ParseRequestUrl(std::string_view target) {
  RequestUrl url;
  const std::size_t mark = target.find('?');
  ASSIGN_OR_RETURN(url.path, Decode(target.substr(0, mark)));
  if (mark == std::string_view::npos) return url;
  for (std::string_view rest = target.substr(mark + 1); !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    ASSIGN_OR_RETURN(std::string name, Decode(pair.substr(0, equals)));
    ASSIGN_OR_RETURN(std::string value, Decode(pair.substr(std::min(equals + 1, pair.size()))));
    RETURN_IF_ERROR(Assign(std::move(name), std::move(value), url));
  }
  if (!url.row_filters.empty() && url.role != Role::kUser)
    return Fail(ErrorCode::kInvalidArgument, "row_filters are for role=ro");
  return url;
}

}  // namespace nightjar::engine
