// Exports batches as OTLP/HTTP with protobuf bodies (opentelemetry-proto docs/specification.md, OTLP/HTTP).
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "encode.h"
#include "exporter.h"
#include "settings.h"

namespace nightjar::sdk {

// Answers 429, 502, 503 and 504 and connection failures are tried again, after the time the server asks for or with
// exponential back-off and jitter, until the batch's time (Settings::export_timeout) is over.
class OtlpHttpExporter final : public Exporter {
 public:
  explicit OtlpHttpExporter(const Settings& settings);

  ExportResult Export(const SpanBatch& batch) override;
  void Cancel() noexcept override;

 private:
  using Clock = std::chrono::steady_clock;

  struct Reply {
    long status = 0;    // 0: no answer
    std::string error;  // why there is no answer
    std::string body;   // at most kReplyBytesMax
    bool retryable = false;
    std::optional<std::chrono::seconds> retry_after;
  };

  Reply Post(const std::string& request);
  bool Perform(Reply& reply);
  void Prepare(const std::string& request, std::chrono::milliseconds timeout, Reply& reply);
  bool WaitBeforeRetry(const Reply& reply, int attempt, Clock::time_point deadline);

  const std::string endpoint_;
  const std::chrono::milliseconds request_timeout_;
  const std::chrono::milliseconds export_timeout_;
  const RequestEnvelope envelope_;
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;

  std::mutex mutex_;
  std::condition_variable cancelled_changed_;
  bool cancelled_ = false;  // guarded by mutex_
};

}  // namespace nightjar::sdk
