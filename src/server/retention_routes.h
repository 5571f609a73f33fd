// How long projects keep what they received, under /api/v1. Contract: docs/guide/api.md.
#pragma once

#include "catalog/retention_list.h"
#include "server/http/router.h"

namespace nightjar::server {

void AddRetentionRoutes(catalog::RetentionList& retention, Router& router);

}  // namespace nightjar::server
