#include "store/clickhouse.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/part_folder.h"

namespace nightjar::store {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kConnectMax{2'000};
constexpr milliseconds kExecuteMax{120'000};
constexpr milliseconds kInsertMax{60'000};
constexpr std::size_t kTargetBytesMax = 64 << 10;  // libcurl and the engine child take 1 MiB of head
constexpr std::size_t kIdleMax = 32;               // connections kept open; the engine child serves 128
constexpr std::size_t kErrorTextMax = 500;
constexpr unsigned kRepeatsMax = 100;               // of a statement that damage failed; each time a part is gone
constexpr std::uint64_t kPlainAnswerMax = 1 << 20;  // of statements whose result is of no interest
constexpr std::string_view kBrokenResult = "__exception__";

struct CurlClose {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CurlClose>;

struct HeadersFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void InitCurlOnce() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(code == CURLE_OK);
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// ClickHouse reads a parameter as one tab-separated field.
std::string EscapeField(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\0': out += "\\0"; break;
      default: out += c;
    }
  }
  return out;
}

std::string QuoteLiteral(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

constexpr std::size_t kKeptEnd = 4096;  // of a body that is given away

// What came back, or so much of it as came.
struct Response {
  std::string body;
  std::uint64_t body_max = 0;
  bool too_large = false;
  int exception_code = 0;                                       // X-ClickHouse-Exception-Code
  const std::function<bool(std::string_view)>* take = nullptr;  // who gets the body of a success, but for its end
  bool taken = false;                                           // it wants no more
};

std::size_t OnBody(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& response = *static_cast<Response*>(user);
  if (response.take != nullptr && response.exception_code == 0) {
    const std::string_view piece(bytes, size * count);
    response.taken = !(*response.take)(piece);
    response.body.append(piece.substr(piece.size() - std::min(piece.size(), kKeptEnd)));  // may tell what failed
    if (response.body.size() > 2 * kKeptEnd) response.body.erase(0, response.body.size() - kKeptEnd);
    return response.taken ? 0 : size * count;
  }
  if (response.body.size() + size * count > response.body_max) {
    response.too_large = true;
    return 0;
  }
  response.body.append(bytes, size * count);
  return size * count;
}

std::size_t OnHeader(char* bytes, std::size_t size, std::size_t count, void* user) {
  constexpr std::string_view kName = "x-clickhouse-exception-code:";
  std::string_view line(bytes, size * count);
  const bool found = line.size() > kName.size() &&
                     std::ranges::equal(line.substr(0, kName.size()), kName,
                                        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  if (found) {
    line.remove_prefix(std::min(line.find_first_not_of(' ', kName.size()), line.size()));
    std::from_chars(line.data(), line.data() + line.size(), static_cast<Response*>(user)->exception_code);
  }
  return size * count;
}

// When a call is given up. Its connection is closed then, which ends the statement in the engine.
struct GiveUp {
  const std::atomic<Clock::time_point>& end;
  const std::stop_token& stop;
};

// libcurl asks at least once a second, also while nothing comes. Not 0: give up.
int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& give_up = *static_cast<const GiveUp*>(user);
  return give_up.stop.stop_requested() || Clock::now() >= give_up.end.load() ? 1 : 0;
}

int CodeInText(std::string_view text) {
  constexpr std::string_view kMark = "Code: ";
  int code = 0;
  if (const std::size_t at = text.find(kMark); at != std::string_view::npos) {
    std::from_chars(text.data() + at + kMark.size(), text.data() + text.size(), code);
  }
  return code;
}

ErrorCode ToErrorCode(int exception_code, long status) {
  switch (exception_code) {
    case 40:  // CHECKSUM_DOESNT_MATCH
      return ErrorCode::kDataLoss;
    case 60:  // UNKNOWN_TABLE
    case 81:  // UNKNOWN_DATABASE
      return ErrorCode::kNotFound;
    case 164:  // READONLY
    case 392:  // QUERY_IS_PROHIBITED
    case 497:  // ACCESS_DENIED
      return ErrorCode::kPermissionDenied;
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
      return ErrorCode::kDeadlineExceeded;
    case 158:  // TOO_MANY_ROWS
    case 307:  // TOO_MANY_BYTES
    case 396:  // TOO_MANY_ROWS_OR_BYTES
      return ErrorCode::kResourceExhausted;
    case 202:  // TOO_MANY_SIMULTANEOUS_QUERIES
    case 209:  // SOCKET_TIMEOUT
    case 210:  // NETWORK_ERROR
    case 241:  // MEMORY_LIMIT_EXCEEDED
    case 252:  // TOO_MANY_PARTS
    case 394:  // QUERY_WAS_CANCELLED
      return ErrorCode::kUnavailable;
    case 48:   // NOT_IMPLEMENTED
    case 344:  // SUPPORT_IS_DISABLED
      return ErrorCode::kUnimplemented;
    default: break;
  }
  if (status == 502 || status == 503 || status == 504) return ErrorCode::kUnavailable;
  return status >= 400 && status < 500 ? ErrorCode::kInvalidArgument : ErrorCode::kInternal;
}

Error EngineError(std::string_view text, int exception_code, long status) {
  if (const std::size_t mark = text.rfind(kBrokenResult); mark != std::string_view::npos) {
    text.remove_prefix(mark + kBrokenResult.size());
  }
  const auto blank = [](char c) { return c == '\n' || c == '\r' || c == ' '; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  if (exception_code == 0) exception_code = CodeInText(text);
  const std::string_view shown = text.substr(0, kErrorTextMax);
  const auto code = [&] {
    if (!DamagedPartIn(text).empty()) return ErrorCode::kDataLoss;
    // MEMORY_LIMIT_EXCEEDED: by this statement, which will be so again, or by all of them together.
    if (exception_code == 241 && text.contains("Query memory limit exceeded")) return ErrorCode::kResourceExhausted;
    return ToErrorCode(exception_code, status);
  };
  return {code(), shown.empty() ? fmt::format("the engine answered with status {}", status) : std::string(shown)};
}

Error TransportError(CURLcode code, const Response& response) {
  if (response.too_large) {
    return {ErrorCode::kResourceExhausted, fmt::format("the result is larger than {} bytes", response.body_max)};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return {ErrorCode::kDeadlineExceeded, "the engine did not answer in time"};
  // The engine's text follows the mark when a statement failed after its first rows were sent.
  const std::size_t mark = response.body.rfind(kBrokenResult);
  if (mark != std::string::npos && CodeInText(std::string_view(response.body).substr(mark)) != 0) {
    return EngineError(response.body, 0, 500);
  }
  return {ErrorCode::kUnavailable, fmt::format("no whole answer from the engine: {}", curl_easy_strerror(code))};
}

// Which granules a statement may step over is told by skip indexes: damage in one of their files says nothing of the
// telemetry, and costs time only. What users ask may set nothing.
bool CanDoWithoutSkipIndexes(const Error& error, const QueryOptions& options) {
  return options.role == QueryRole::kServer && error.message.contains("/skp_idx_");
}

// As in a URL, and with "&" at its end.
std::string FormOf(const QueryOptions& options, std::span<const QueryParam> params) {
  std::string form = "default_format=" + PercentEncode(options.format) + "&";
  if (options.role == QueryRole::kUser) form += "role=ro&";
  if (!options.row_filters.empty()) form += "row_filters=" + PercentEncode(options.row_filters) + "&";
  for (const QueryParam& param : params) {
    const std::string text = param.form == ParamForm::kText ? EscapeField(param.value) : param.value;
    form += "param_" + PercentEncode(param.name) + "=" + PercentEncode(text) + "&";
  }
  return form;
}

}  // namespace

struct ClickHouse::Impl {
  explicit Impl(Options client_options) : options(std::move(client_options)) {}

  struct Request {
    std::string target;     // from "/"
    std::string_view body;  // empty together with `get`
    bool is_form = false;   // what the body is
    milliseconds timeout{0};
    std::uint64_t answer_bytes_max = kPlainAnswerMax;
    bool get = false;
    std::stop_token stop = {};
    const std::function<bool(std::string_view)>* take = nullptr;
    std::string* damaged_part = nullptr;  // gets the folder of the part that failed it
  };
  Result<std::string> Send(const Request& request);
  // A statement with its parameters and the rest of `request`. It is sent again, if `may_repeat` says so: when a skip
  // index is damaged, to be done without them; when a part is damaged that can be put aside.
  Result<std::string> SendStatement(std::string_view sql, std::span<const QueryParam> params,
                                    const QueryOptions& statement, Request request,
                                    const std::function<bool()>& may_repeat);
  Result<std::string> SendStatementAs(std::string_view sql, std::string form, const QueryOptions& statement,
                                      Request request);

  Easy Take();
  void Return(Easy easy);

  const Options options;
  std::atomic<Clock::time_point> end = Clock::time_point::max();  // of every call
  std::mutex mutex;
  std::vector<Easy> idle;  // guarded by mutex; each keeps its connection open
};

Easy ClickHouse::Impl::Take() {
  const std::lock_guard lock(mutex);
  if (idle.empty()) {
    Easy easy(curl_easy_init());
    CHECK(easy != nullptr);
    return easy;
  }
  Easy easy = std::move(idle.back());
  idle.pop_back();
  return easy;
}

void ClickHouse::Impl::Return(Easy easy) {
  const std::lock_guard lock(mutex);
  if (idle.size() < kIdleMax) idle.push_back(std::move(easy));
}

Result<std::string> ClickHouse::Impl::Send(const Request& request) {
  const GiveUp give_up{end, request.stop};
  Easy easy = Take();
  curl_easy_reset(easy.get());  // keeps the connection
  Response response;
  response.body_max = request.answer_bytes_max;
  response.take = request.take;
  // Without the empty Expect a body over 1 MiB waits for a go-ahead.
  std::unique_ptr<curl_slist, HeadersFree> headers(curl_slist_append(nullptr, "Expect:"));
  curl_slist_append(headers.get(), request.is_form ? "Content-Type: application/x-www-form-urlencoded"
                                                   : "Content-Type: application/octet-stream");
  const auto set = [&easy](CURLoption option, auto value) {
    CHECK(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
  };
  set(CURLOPT_URL, (options.url + request.target).c_str());
  if (!options.unix_socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
  set(CURLOPT_PROXY, "");  // not what the environment says
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectMax.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_WRITEFUNCTION, &OnBody);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&response));
  set(CURLOPT_HEADERFUNCTION, &OnHeader);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&response));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  set(CURLOPT_XFERINFODATA, static_cast<const void*>(&give_up));
  set(CURLOPT_BUFFERSIZE, 512L * 1024);
  set(CURLOPT_UPLOAD_BUFFERSIZE, 1024L * 1024);
  if (!request.get) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  const CURLcode code = curl_easy_perform(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  Return(std::move(easy));
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return Fail(ErrorCode::kUnavailable,
                request.stop.stop_requested() ? "nobody waits for the answer any more" : "the server is stopping");
  }
  if (response.taken) return std::string();
  const bool failed = code != CURLE_OK || status != 200 || response.exception_code != 0;
  if (failed && request.damaged_part != nullptr) *request.damaged_part = DamagedPartIn(response.body);
  if (code != CURLE_OK) return Fail(TransportError(code, response));
  if (status != 200 || response.exception_code != 0) {
    return Fail(EngineError(response.body, response.exception_code, status));
  }
  return std::move(response.body);
}

Result<std::string> ClickHouse::Impl::SendStatement(std::string_view sql, std::span<const QueryParam> params,
                                                    const QueryOptions& statement, Request request,
                                                    const std::function<bool()>& may_repeat) {
  std::string form = FormOf(statement, params);
  std::string damaged_part;
  request.damaged_part = &damaged_part;
  bool without_skip_indexes = false;
  for (unsigned repeats = 0;; ++repeats) {
    damaged_part.clear();
    Result<std::string> answer = SendStatementAs(sql, form, statement, request);
    if (answer || repeats == kRepeatsMax || !may_repeat()) return answer;
    if (!without_skip_indexes && CanDoWithoutSkipIndexes(answer.error(), statement)) {
      without_skip_indexes = true;
      form = "use_skip_indexes=0&" + form;
    } else if (damaged_part.empty() || statement.role != QueryRole::kServer || !options.on_damage ||
               !options.on_damage(damaged_part)) {
      return answer;
    }
  }
}

// Ids in their tens of thousands are too long for a target.
Result<std::string> ClickHouse::Impl::SendStatementAs(std::string_view sql, std::string form,
                                                      const QueryOptions& statement, Request request) {
  request.timeout = statement.timeout;
  request.stop = statement.stop;
  request.is_form = form.size() > kTargetBytesMax;
  if (request.is_form) {
    form += "query=" + PercentEncode(sql);
    request.target = "/";
    request.body = form;
  } else {
    form.pop_back();
    request.target = "/?" + form;
    request.body = sql;
  }
  return Send(request);
}

ClickHouse::ClickHouse(Options options) : impl_(std::make_unique<Impl>(std::move(options))) { InitCurlOnce(); }
ClickHouse::~ClickHouse() = default;

void ClickHouse::EndCallsAt(Clock::time_point time) { impl_->end = time; }

Result<void> ClickHouse::Ping(milliseconds timeout) {
  const auto answer = impl_->Send({.target = "/ping", .body = {}, .timeout = timeout, .get = true});
  if (!answer) return Fail(ErrorCode::kUnavailable, answer.error().message);
  if (*answer != "Ok.\n") return Fail(ErrorCode::kUnavailable, "this is not a ClickHouse server");
  return {};
}

Result<std::string> ClickHouse::Select(std::string_view sql, std::span<const QueryParam> params,
                                       const QueryOptions& options) {
  return impl_->SendStatement(sql, params, options, {.answer_bytes_max = options.result_bytes_max},
                              [] { return true; });
}

Result<void> ClickHouse::Stream(std::string_view sql, std::span<const QueryParam> params, const QueryOptions& options,
                                const std::function<bool(std::string_view)>& take) {
  bool begun = false;
  const std::function<bool(std::string_view)> take_and_tell = [&](std::string_view piece) {
    begun = true;
    return take(piece);
  };
  RETURN_IF_ERROR(impl_->SendStatement(sql, params, options, {.take = &take_and_tell}, [&] { return !begun; }));
  return {};
}

Result<void> ClickHouse::Execute(std::string_view sql, std::span<const QueryParam> params) {
  RETURN_IF_ERROR(impl_->SendStatement(sql, params, {.timeout = kExecuteMax}, {}, [] { return true; }));
  return {};
}

Result<void> ClickHouse::Insert(std::string_view statement, std::string_view deduplication_token,
                                std::string_view native_blocks) {
  CHECK(!deduplication_token.empty());
  const std::string query = fmt::format("{} SETTINGS optimize_on_insert=0, insert_deduplication_token={} FORMAT Native",
                                        statement, QuoteLiteral(deduplication_token));
  auto answer =
      impl_->Send({.target = "/?query=" + PercentEncode(query), .body = native_blocks, .timeout = kInsertMax});
  if (answer) return {};
  Error error = std::move(answer).error();
  if (error.code == ErrorCode::kDeadlineExceeded) error.code = ErrorCode::kUnavailable;  // it may have landed
  return Fail(std::move(error));
}

}  // namespace nightjar::store
