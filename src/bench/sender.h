// Sends ready bodies over OTLP/HTTP or OTLP/gRPC and times every acknowledgement.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/workload.h"

namespace nightjar::bench {

struct SendOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4318;
  std::size_t connections = 8;  // each has at most one request in flight
  bool gzip = false;            // the bodies are compressed; HTTP only
  // Spans a second offered, whatever the server does (open loop); 0: as fast as answers come (closed loop).
  double spans_per_s = 0;
};

struct SendReport {
  std::size_t requests = 0;             // answered with 200
  std::size_t spans = 0;                // acknowledged
  std::size_t rejected_spans = 0;       // named by partial_success
  std::size_t bytes = 0;                // of acknowledged bodies
  std::map<int, std::size_t> refusals;  // answers 429 and 503 by status; each body was sent again later
  double seconds = 0;                   // from the first byte sent to the last acknowledgement
  // One for each acknowledged request, ascending. In open loop counted from when it was due, so that a server that
  // stalls is charged for every request that had to wait; in closed loop from when it was first sent.
  std::vector<std::chrono::nanoseconds> latencies;
};

// The next body to send, valid until as many more were taken as there are connections; nullptr at the end.
using NextBody = std::function<const Body*()>;
NextBody Each(std::span<const Body> bodies);

// Sends every body once, on the calling thread. kUnavailable when the server cannot be reached or hangs up; kInternal
// when it answers with a status that is neither success nor a request to come back later.
Result<SendReport> SendHttp(const SendOptions& options, const NextBody& next);

// The same over gRPC, with a thread for each connection.
Result<SendReport> SendGrpc(const SendOptions& options, const NextBody& next);

// The q-quantile (0..1) by nearest rank; 0 when there are none. REQUIRES: `ascending` is sorted.
std::chrono::nanoseconds Quantile(std::span<const std::chrono::nanoseconds> ascending, double q);

}  // namespace nightjar::bench
