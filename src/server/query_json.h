// What queries find, and what is wrong with them, as the API's JSON.
#pragma once

#include <vector>

#include "base/json.h"
#include "query/parse.h"
#include "query/search.h"
#include "server/http/http.h"

namespace nightjar::server {

// A row of the list of spans.
json::object ToJsonValue(const query::SpanHit& span);

// The mistakes of a query, for whoever shows them where they are. REQUIRES: there is one
Response MistakesResponse(const Request& request, const std::vector<query::Mistake>& mistakes);

}  // namespace nightjar::server
