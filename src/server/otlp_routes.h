// OTLP/HTTP: POST /v1/traces, /v1/logs, /v1/metrics. Answers in the encoding of the request, errors as
// google.rpc.Status.
#pragma once

#include "ingest/ingest.h"
#include "ingest/refusals.h"
#include "server/cors.h"
#include "server/http/router.h"

namespace nightjar::server {

// `ingest` and `refusals` outlive the router.
struct OtlpSources {
  ingest::Ingest& ingest;
  ingest::RefusalLog& refusals;
  CorsPolicy cors;
};

void AddOtlpRoutes(OtlpSources sources, Router& router);

}  // namespace nightjar::server
