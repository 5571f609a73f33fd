// Answers the requests of one connection, in the part of ClickHouse's HTTP interface that Nightjar uses:
//
//   GET  /ping                                          "Ok."
//   GET  /_stat                                         JSON: version, sandbox, memory, connections
//   POST /?query=INSERT … FORMAT Native    body: data   stored whole or not at all
//   POST /?<names>                         body: SQL    one statement; the result in default_format (Native)
//
// Names in the URL: request_url.h. Errors carry the engine's text as body and X-ClickHouse-Exception-Code. A result
// that fails after its first piece was sent ends with "__exception__\n<text>\n" and without the last chunk.
#pragma once

#include "engine/internal/http_connection.h"
#include "engine/internal/telemetry_engine.h"

namespace nightjar::engine {

enum class Admission { kStatements, kStatusOnly };  // with kStatusOnly a statement is answered with 503

// Returns when the client is gone or the connection was shut down.
void ServeConnection(HttpConnection& http, Admission admission, TelemetryEngine& engine);

}  // namespace nightjar::engine
