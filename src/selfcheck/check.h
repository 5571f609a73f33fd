// One round of a check from outside: sends seeded traces to a running server, then asks for them in every way there is.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/http_client.h"
#include "client/otlp_grpc_client.h"
#include "selfcheck/compare.h"
#include "selfcheck/seeded_traces.h"

namespace nightjar::selfcheck {

struct CheckOptions {
  std::string url = "http://127.0.0.1:6006";   // of the API
  std::string otlp_url;                        // of OTLP/HTTP; empty: as the API's
  std::string grpc;                            // HOST:PORT of OTLP/gRPC; empty: not used
  std::string project = "selfcheck";           // nobody else may write to it during a round: totals are compared
  std::vector<std::string> headers;            // with every HTTP request, "name: value"
  std::size_t traces = 20;                     // in a round
  std::chrono::milliseconds patience{10'000};  // for what may lag: lists and totals
};

struct RoundReport {
  std::uint64_t seed = 0;
  std::size_t traces = 0;
  std::size_t spans = 0;
  std::size_t requests = 0;
  double ack_ms_max = 0;
  double seconds = 0;
  std::array<std::size_t, kFaultCount> faults{};  // by Fault
  std::vector<std::string> first_findings;        // the first few, as text

  [[nodiscard]] bool ok() const;
};

// Belongs to one thread.
class Checker {
 public:
  explicit Checker(CheckOptions options);

  // Never fails: what goes wrong is in the report.
  RoundReport Round(std::uint64_t seed);

 private:
  struct Totals {
    std::int64_t traces = 0;
    std::int64_t spans = 0;
    std::int64_t calls = 0;          // of models, in the project's usage
    std::int64_t prompt_tokens = 0;  // … and theirs
  };

  void Send(const std::vector<model::SpanBatch>& requests);
  Result<void> Export(const std::string& body, std::size_t number);
  void CheckById(const std::vector<model::SpanBatch>& traces);
  // Asks until nothing is wrong any more or the patience is over; then what is wrong counts.
  void CheckLists(const SeededTraces& made, const std::optional<Totals>& before);
  Result<std::vector<Finding>> CompareList(const std::vector<model::SpanBatch>& traces);
  Result<std::vector<Finding>> CompareSearch(const SeededTraces& made);
  Result<std::vector<Finding>> CompareTotals(const std::vector<model::SpanBatch>& traces, const Totals& before);
  Result<Totals> ReadTotals();
  Result<void> AddUsage(Totals& totals);

  void Add(const Finding& finding);
  void Add(const std::vector<Finding>& findings);

  const CheckOptions options_;
  const std::string project_path_;
  client::HttpClient api_;
  client::HttpClient otlp_;
  std::optional<client::OtlpGrpcClient> grpc_;
  RoundReport report_;
};

}  // namespace nightjar::selfcheck
