// The web UI out of the program itself: hashed assets for ever, one page for every other address.
#pragma once

#include "server/http/router.h"

namespace nightjar::server {

// Takes every GET that no other route has. Addresses under /api/ and /v1/, and those whose last segment looks like a
// file, are 404 when they are not an asset; all others get the page, which routes by itself.
void AddUiRoutes(Router& router);

}  // namespace nightjar::server
