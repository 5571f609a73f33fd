#include "stack/http_client.h"

#include <curl/curl.h>

#include <exception>

namespace stack {

class HttpClient::Handle {
 public:
  Handle() : curl(curl_easy_init()) {
    if (curl == nullptr) throw std::bad_alloc();
  }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  CURL* const curl;
};

namespace {

constexpr std::size_t kBodyBytesMax = 16U << 20;
constexpr long kConnectMilliseconds = 5'000;

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// What the callbacks of one call share.
struct Transfer {
  CURL* curl;
  const HttpCall& call;
  HttpAnswer answer = {};
  std::exception_ptr thrown = {};  // by on_piece
};

bool IsEventStream(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  const char* type = nullptr;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  return status == 200 && type != nullptr && std::string_view(type).starts_with("text/event-stream");
}

std::size_t OnBody(char* bytes, std::size_t /*always_one*/, std::size_t count, void* target) noexcept {
  auto& transfer = *static_cast<Transfer*>(target);
  try {
    if (transfer.call.on_piece && IsEventStream(transfer.curl)) {
      transfer.call.on_piece({bytes, count});
      return count;
    }
    if (transfer.answer.body.size() + count > kBodyBytesMax) return 0;  // ends the transfer with an error
    transfer.answer.body.append(bytes, count);
    return count;
  } catch (...) {
    transfer.thrown = std::current_exception();
    return 0;
  }
}

int OnProgress(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const Transfer*>(target)->call.stop.stop_requested() ? 1 : 0;
}

std::string Header(CURL* curl, const char* name) {
  curl_header* header = nullptr;
  return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : "";
}

HeaderList MakeHeaders(const HttpCall& call) {
  HeaderList list(curl_slist_append(nullptr, "Content-Type: application/json"), &curl_slist_free_all);
  for (const std::string& header : call.headers) curl_slist_append(list.get(), header.c_str());
  return list;
}

void Prepare(Transfer& transfer, const curl_slist* headers) {
  const HttpCall& call = transfer.call;
  CURL* const curl = transfer.curl;
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  if (call.on_piece) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(call.timeout.count()));
  } else {
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(call.timeout.count()));
  }
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
}

HttpError::Kind KindOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return HttpError::Kind::kTimeout;
    case CURLE_ABORTED_BY_CALLBACK: return HttpError::Kind::kStopped;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return HttpError::Kind::kBroken;
    default: return HttpError::Kind::kUnreachable;
  }
}

}  // namespace

HttpClient::HttpClient() = default;
HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Handle> HttpClient::Take() const {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return std::make_unique<Handle>();
  std::unique_ptr<Handle> handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

HttpAnswer HttpClient::Post(const HttpCall& call) const {
  std::unique_ptr<Handle> handle = Take();
  Transfer transfer{handle->curl, call};
  const HeaderList headers = MakeHeaders(call);
  Prepare(transfer, headers.get());
  const CURLcode code = curl_easy_perform(handle->curl);
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (code == CURLE_WRITE_ERROR) throw HttpError(HttpError::Kind::kUnreachable, "the answer is over 16 MiB");
  if (code != CURLE_OK) throw HttpError(KindOf(code), curl_easy_strerror(code));
  curl_easy_getinfo(handle->curl, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  transfer.answer.retry_after = Header(handle->curl, "retry-after");
  transfer.answer.retry_after_ms = Header(handle->curl, "retry-after-ms");
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(handle));
  return std::move(transfer.answer);
}

}  // namespace stack
