// What a request for a list asks for: of which time, and what must hold.
#pragma once

#include <functional>

#include "base/result.h"
#include "query/compile.h"
#include "query/parse.h"
#include "server/api_routes.h"

namespace nightjar::server {

// Of the project in the path: `from` and `to`.
Result<query::Window> ParseWindow(const Request& request);

// `q` in Nightjar's language, or `filter` in Phoenix's for that grain.
Result<query::ParsedQuery> ParseAsked(const Request& request, query::Grain grain);

// Responds with what `answer` makes of an expression without mistakes, or tells them.
void Answer(const Request& request, const Respond& respond, query::Grain grain,
            const std::function<Result<Response>(const query::Expression&)>& answer);

}  // namespace nightjar::server
