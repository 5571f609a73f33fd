// Exports batches as OTLP/HTTP with protobuf bodies (opentelemetry-proto docs/specification.md, OTLP/HTTP).
#include <curl/curl.h>
#include <zlib.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>

#include "backoff.h"
#include "encode.h"
#include "nightjar/export.h"
#include "random.h"
#include "version.h"
#include "wire.h"

namespace nightjar {
namespace sdk {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 1'000;  // an upper bound: events and Cancel() end a poll early

struct Reply {
  long status = 0;         // 0: no answer
  std::string error = {};  // why there is no answer
  std::string body = {};
  std::size_t body_bytes_max = 0;
  bool retryable = false;
  std::optional<std::chrono::seconds> retry_after = {};
};

std::size_t AppendToBody(char* bytes, std::size_t /*always_one*/, std::size_t count, void* target) noexcept try {
  auto& reply = *static_cast<Reply*>(target);
  if (reply.body.size() + count > reply.body_bytes_max) return 0;  // ends the transfer with an error
  reply.body.append(bytes, count);
  return count;
} catch (...) {
  return 0;
}

// The error_message and rejected_spans of an ExportTraceServiceResponse. Some collectors answer 200 with a body of
// their own: then both are empty.
struct PartialSuccess {
  std::uint64_t rejected_spans = 0;
  std::string message;
};

PartialSuccess DecodePartialSuccess(std::string_view body) {
  PartialSuccess partial;
  WireReader response(body);
  while (response.Next()) {
    if (response.tag() != 1) continue;
    WireReader fields(response.bytes());
    while (fields.Next()) {
      if (fields.tag() == 1) {
        const auto rejected = static_cast<std::int64_t>(fields.number());
        partial.rejected_spans = static_cast<std::uint64_t>(std::max<std::int64_t>(rejected, 0));
      } else if (fields.tag() == 2) {
        partial.message = fields.bytes();
      }
    }
    if (!fields.ok()) return {};
  }
  return response.ok() ? partial : PartialSuccess{};
}

bool IsRetryable(long status) { return status == 429 || status == 502 || status == 503 || status == 504; }

// RFC 1952. Level 1: spans repeat themselves so much that more effort gains little.
std::string Gzip(std::string_view plain) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, 1, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::bad_alloc();
  return packed;
}

class OtlpHttp final : public SpanExporter {
 public:
  explicit OtlpHttp(OtlpHttpOptions options)
      : options_(std::move(options)),
        headers_(curl_slist_append(nullptr, "Content-Type: application/x-protobuf"), &curl_slist_free_all),
        easy_(curl_easy_init(), &curl_easy_cleanup),
        multi_(curl_multi_init(), &curl_multi_cleanup) {
    if (headers_ == nullptr || easy_ == nullptr || multi_ == nullptr) throw std::bad_alloc();
    AddHeader("Expect:");  // no round trip before the body
    if (options_.compression == Compression::kGzip) AddHeader("Content-Encoding: gzip");
    for (const auto& [name, value] : options_.headers) AddHeader(name + ": " + value);
  }

  ExportResult Export(const SpanBatch& batch) override;

  void Cancel() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    cancelled_changed_.notify_all();
    curl_multi_wakeup(multi_.get());
  }

 private:
  void AddHeader(const std::string& line) {
    if (curl_slist_append(headers_.get(), line.c_str()) == nullptr) throw std::bad_alloc();
  }
  Reply Post(std::string_view request);
  bool Perform(Reply& reply);
  void Prepare(std::string_view request, Reply& reply);
  void PrepareTls();
  bool WaitBeforeRetry(const Reply& reply, int attempt, Clock::time_point deadline);

  const OtlpHttpOptions options_;
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;

  std::mutex mutex_;
  std::condition_variable cancelled_changed_;
  bool cancelled_ = false;  // guarded by mutex_
};

ExportResult OtlpHttp::Export(const SpanBatch& batch) {
  const ByteBuffer encoded = EncodeRequest(batch);
  std::string_view request = encoded.view();
  if (request.size() > options_.request_bytes_max) {
    return {.failed = batch.count(),
            .error = "a request of " + std::to_string(request.size()) + " bytes is over the limit of " +
                     std::to_string(options_.request_bytes_max)};
  }
  std::string packed;
  if (options_.compression == Compression::kGzip) request = packed = Gzip(request);
  const Clock::time_point deadline = Clock::now() + options_.export_timeout;
  Reply reply;
  for (int attempt = 0;; ++attempt) {
    reply = Post(request);
    if (reply.status >= 200 && reply.status < 300) {
      PartialSuccess partial = DecodePartialSuccess(reply.body);
      const std::uint64_t rejected = std::min<std::uint64_t>(partial.rejected_spans, batch.count());
      std::string why = std::move(partial.message);
      if (rejected > 0 && why.empty()) why = options_.endpoint + ": rejected spans";
      return {.exported = batch.count() - rejected, .failed = rejected, .error = std::move(why)};
    }
    if (!reply.retryable || !WaitBeforeRetry(reply, attempt, deadline)) break;
  }
  std::string error = options_.endpoint + ": ";
  error += reply.status == 0 ? reply.error : "HTTP " + std::to_string(reply.status);
  return {.exported = 0, .failed = batch.count(), .error = std::move(error)};
}

bool OtlpHttp::WaitBeforeRetry(const Reply& reply, int attempt, Clock::time_point deadline) {
  const milliseconds wait = reply.retry_after ? *reply.retry_after : Backoff(attempt, RandomNumbers().Next());
  const Clock::time_point until = Clock::now() + wait;
  if (until >= deadline) return false;
  std::unique_lock lock(mutex_);
  return !cancelled_changed_.wait_until(lock, until, [this] { return cancelled_; });
}

void OtlpHttp::Prepare(std::string_view request, Reply& reply) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, options_.endpoint.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, kUserAgent);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  const void* body = request.data();
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.request_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a Cancel() does not wait for the name resolver
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &AppendToBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply);
  PrepareTls();
}

void OtlpHttp::PrepareTls() {
  const auto set = [this](CURLoption option, const std::string& file) {
    if (!file.empty()) curl_easy_setopt(easy_.get(), option, file.c_str());
  };
  set(CURLOPT_CAINFO, options_.certificate);
  set(CURLOPT_SSLCERT, options_.client_certificate);
  set(CURLOPT_SSLKEY, options_.client_key);
}

Reply OtlpHttp::Post(std::string_view request) {
  Reply reply{.body_bytes_max = options_.answer_bytes_max};
  Prepare(request, reply);
  if (!Perform(reply)) return reply;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &reply.status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &retry_after);  // 0 when there is no such header
  if (retry_after > 0) reply.retry_after = std::chrono::seconds(retry_after);
  reply.retryable = IsRetryable(reply.status);
  return reply;
}

// Runs the transfer. False when there is no answer; the reply then says why.
bool OtlpHttp::Perform(Reply& reply) {
  curl_multi_add_handle(multi_.get(), easy_.get());
  const auto remove = [this](CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); };
  const std::unique_ptr<CURL, decltype(remove)> added(easy_.get(), remove);  // also without memory for an error's text
  for (int running = 1; running > 0;) {
    {
      const std::lock_guard lock(mutex_);
      if (cancelled_) {
        reply.error = "shut down before the collector answered";
        return false;
      }
    }
    CURLMcode code = curl_multi_perform(multi_.get(), &running);
    if (code == CURLM_OK && running > 0) code = curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr);
    if (code != CURLM_OK) {
      reply.error = curl_multi_strerror(code);
      return false;
    }
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
  const CURLcode result = message == nullptr ? CURLE_GOT_NOTHING : message->data.result;
  if (result == CURLE_OK) return true;
  reply.error = result == CURLE_WRITE_ERROR
                    ? "the answer is larger than " + std::to_string(options_.answer_bytes_max) + " bytes"
                    : curl_easy_strerror(result);
  switch (result) {  // what another try would not change
    case CURLE_WRITE_ERROR:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: break;
    default: reply.retryable = true;
  }
  return false;
}

}  // namespace
}  // namespace sdk

std::unique_ptr<SpanExporter> OtlpHttpExporter(OtlpHttpOptions options) noexcept try {
  return std::make_unique<sdk::OtlpHttp>(std::move(options));
} catch (...) {
  return nullptr;
}

}  // namespace nightjar
