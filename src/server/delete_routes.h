// DELETE of traces, sessions and projects under /api/v1. Contract: docs/guide/api.md.
#pragma once

#include <functional>

#include "base/result.h"
#include "server/http/router.h"
#include "store/eraser.h"

namespace nightjar::server {

// `erase` blocks until the target is gone; kNotFound: there is nothing of it.
void AddDeleteRoutes(std::function<Result<void>(store::ErasureTarget)> erase, Router& router);

}  // namespace nightjar::server
