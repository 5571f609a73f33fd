// What to change when a request was refused: one sentence for the person who runs the sender, shown on the welcome
// page.
#pragma once

#include <string>

#include "server/http/http.h"

namespace nightjar::server {

// `refusal.status` is 200 for what was rejected within a request that was taken. Empty: there is nothing to say.
std::string RemedyFor(const Request& request, const Refusal& refusal);

}  // namespace nightjar::server
