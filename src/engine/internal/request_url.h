// The target of a request in ClickHouse's HTTP interface: /?query=…&default_format=…&param_x=…&<setting>=…. What is too
// long for a target may be posted as a form (application/x-www-form-urlencoded) of the same names.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nightjar::engine {

// kServer: statements that Nightjar wrote. kUser: text that a person wrote; read-only, limited, SELECT only.
enum class Role { kServer, kUser };

using NamedText = std::pair<std::string, std::string>;

struct RequestUrl {
  std::string path;               // decoded, without the query
  std::string query;              // statement, or its first part when the body holds the rest
  std::string format = "Native";  // default_format
  Role role = Role::kServer;      // role=rw | ro
  std::string row_filters;  // of kUser, as additional_table_filters has them: what other rows are there is not seen
  std::vector<NamedText> parameters;  // param_x=v as (x, v)
  std::vector<NamedText> settings;    // every other name
};

// kInvalidArgument: broken percent-encoding, an unknown role, row_filters of another than kUser, a setting whose name
// is no identifier, or a `database` other than "default" (statements name their database).
Result<RequestUrl> ParseRequestUrl(std::string_view target);

}  // namespace nightjar::engine
