// OTLP/HTTP: POST /v1/traces, /v1/logs, /v1/metrics. Answers in the encoding of the request, errors as google.rpc.Status.
#pragma once

#include "ingest/ingest.h"
#include "ingest/refusals.h"
#include "server/http/router.h"

namespace nightjar::server {

// REQUIRES: `ingest` and `refusals` outlive the router.
void AddOtlpRoutes(ingest::Ingest& ingest, ingest::RefusalLog& refusals, Router& router);

}  // namespace nightjar::server
