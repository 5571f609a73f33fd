#include "otlp_http_exporter.h"

#include <algorithm>
#include <new>
#include <protozero/pbf_reader.hpp>

#include "random.h"
#include "version.h"

namespace nightjar::sdk {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kReplyBytesMax = 4U << 20;
constexpr milliseconds kFirstBackoff{500};
constexpr milliseconds kBackoffMax{10'000};
constexpr int kPollMilliseconds = 1'000;  // an upper bound: events and Cancel() end a poll early

std::size_t AppendToBody(char* bytes, std::size_t /*always_one*/, std::size_t count, void* target) noexcept try {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + count > kReplyBytesMax) return 0;  // ends the transfer with an error
  body.append(bytes, count);
  return count;
} catch (...) {
  return 0;
}

// The error_message and rejected_spans of an ExportTraceServiceResponse.
struct PartialSuccess {
  std::uint64_t rejected_spans = 0;
  std::string message;
};

PartialSuccess DecodePartialSuccess(const std::string& body) try {
  PartialSuccess partial;
  protozero::pbf_reader response(body);
  while (response.next(1, protozero::pbf_wire_type::length_delimited)) {
    protozero::pbf_reader fields = response.get_message();
    while (fields.next()) {
      if (fields.tag_and_type() == protozero::tag_and_type(1, protozero::pbf_wire_type::varint)) {
        partial.rejected_spans = static_cast<std::uint64_t>(std::max<std::int64_t>(fields.get_int64(), 0));
      } else if (fields.tag_and_type() == protozero::tag_and_type(2, protozero::pbf_wire_type::length_delimited)) {
        partial.message = fields.get_string();
      } else {
        fields.skip();
      }
    }
  }
  return partial;
} catch (const protozero::exception&) {
  return {};  // some collectors answer 200 with a body of their own
}

bool IsRetryable(long status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

OtlpHttpExporter::OtlpHttpExporter(const Settings& settings)
    : endpoint_(settings.endpoint),
      request_timeout_(settings.request_timeout),
      export_timeout_(settings.export_timeout),
      envelope_(MakeEnvelope(settings)),
      headers_(curl_slist_append(nullptr, "Content-Type: application/x-protobuf"), &curl_slist_free_all),
      easy_(curl_easy_init(), &curl_easy_cleanup),
      multi_(curl_multi_init(), &curl_multi_cleanup) {
  if (headers_ == nullptr || easy_ == nullptr || multi_ == nullptr) throw std::bad_alloc();
  const auto add_header = [this](const std::string& line) {
    if (curl_slist_append(headers_.get(), line.c_str()) == nullptr) throw std::bad_alloc();
  };
  add_header("Expect:");  // no round trip before the body
  for (const auto& [name, value] : settings.headers) add_header(name + ": " + value);
}

ExportResult OtlpHttpExporter::Export(const SpanBatch& batch) {
  const std::string request = EncodeRequest(envelope_, batch.spans);
  const Clock::time_point deadline = Clock::now() + export_timeout_;
  Reply reply;
  for (int attempt = 0;; ++attempt) {
    reply = Post(request);
    if (reply.status >= 200 && reply.status < 300) {
      PartialSuccess partial = DecodePartialSuccess(reply.body);
      const std::uint64_t rejected = std::min<std::uint64_t>(partial.rejected_spans, batch.count);
      return {.exported = batch.count - rejected, .failed = rejected, .error = std::move(partial.message)};
    }
    if (!reply.retryable || !WaitBeforeRetry(reply, attempt, deadline)) break;
  }
  std::string error = endpoint_ + ": ";
  error += reply.status == 0 ? reply.error : "HTTP " + std::to_string(reply.status);
  return {.exported = 0, .failed = batch.count, .error = std::move(error)};
}

bool OtlpHttpExporter::WaitBeforeRetry(const Reply& reply, int attempt, Clock::time_point deadline) {
  milliseconds wait = std::min(kFirstBackoff * (1 << std::min(attempt, 10)), kBackoffMax);
  wait = wait / 2 + milliseconds(static_cast<std::int64_t>(RandomBits() % static_cast<std::uint64_t>(wait.count())));
  if (reply.retry_after) wait = *reply.retry_after;
  const Clock::time_point until = Clock::now() + wait;
  if (until >= deadline) return false;
  std::unique_lock lock(mutex_);
  return !cancelled_changed_.wait_until(lock, until, [this] { return cancelled_; });
}

void OtlpHttpExporter::Cancel() noexcept {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  cancelled_changed_.notify_all();
  curl_multi_wakeup(multi_.get());
}

void OtlpHttpExporter::Prepare(const std::string& request, milliseconds timeout, Reply& reply) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, endpoint_.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, kUserAgent);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a Cancel() does not wait for the name resolver
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &AppendToBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply.body);
}

OtlpHttpExporter::Reply OtlpHttpExporter::Post(const std::string& request) {
  Reply reply;
  Prepare(request, request_timeout_, reply);
  curl_multi_add_handle(multi_.get(), easy_.get());
  const bool answered = Perform(reply);
  curl_multi_remove_handle(multi_.get(), easy_.get());
  if (!answered) return reply;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &reply.status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &retry_after);  // 0 when there is no such header
  if (retry_after > 0) reply.retry_after = std::chrono::seconds(retry_after);
  reply.retryable = IsRetryable(reply.status);
  return reply;
}

// Runs the transfer. False when there is no answer; the reply then says why.
bool OtlpHttpExporter::Perform(Reply& reply) {
  for (int running = 1; running > 0;) {
    CURLMcode code = curl_multi_perform(multi_.get(), &running);
    if (code == CURLM_OK && running > 0) code = curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr);
    if (code != CURLM_OK) {
      reply.error = curl_multi_strerror(code);
      return false;
    }
    const std::lock_guard lock(mutex_);
    if (cancelled_) {
      reply.error = "shut down before the collector answered";
      return false;
    }
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
  const CURLcode result = message == nullptr ? CURLE_GOT_NOTHING : message->data.result;
  if (result == CURLE_OK) return true;
  reply.error = result == CURLE_WRITE_ERROR ? "the answer is larger than 4 MiB" : curl_easy_strerror(result);
  reply.retryable =
      result != CURLE_WRITE_ERROR && result != CURLE_URL_MALFORMAT && result != CURLE_UNSUPPORTED_PROTOCOL;
  return false;
}

}  // namespace nightjar::sdk
