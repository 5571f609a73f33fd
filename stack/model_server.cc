#include "stack/model_server.h"

#include <boost/json.hpp>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <random>

#include "nightjar/propagation.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::size_t kErrorBytesMax = 300;

// What the server says is wrong: {"error": {"message": …}}, {"error": …} or {"message": …}, else the body's beginning.
std::string Complaint(const std::string& body) {
  boost::system::error_code malformed;
  const json::value answer = json::parse(body, malformed);
  const json::value* told = malformed || !answer.is_object() ? nullptr : answer.get_object().if_contains("error");
  if (told == nullptr && answer.is_object()) told = answer.get_object().if_contains("message");
  if (told != nullptr && told->is_object()) told = told->get_object().if_contains("message");
  return std::string(told != nullptr && told->is_string() ? std::string_view(told->get_string()) : body)
      .substr(0, kErrorBytesMax);
}

double Random() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<double>()(source);
}

// False when stopped before the time was over.
bool Sleep(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

LlmError::Kind KindOf(HttpError::Kind kind) {
  switch (kind) {
    case HttpError::Kind::kTimeout: return LlmError::Kind::kTimeout;
    case HttpError::Kind::kStopped: return LlmError::Kind::kStopped;
    case HttpError::Kind::kUnreachable:
    case HttpError::Kind::kBroken: break;
  }
  return LlmError::Kind::kUnreachable;
}

// Why an attempt failed.
struct Failure {
  LlmError error;
  bool passing = false;  // may go well the next time
  std::optional<std::chrono::milliseconds> asked = {};
};

Failure Refusal(const std::string& url, const HttpAnswer& answer) {
  return {.error = LlmError(LlmError::Kind::kRefused,
                            url + " answered " + std::to_string(answer.status) + ": " + Complaint(answer.body)),
          .passing = IsWorthRetrying(answer),
          .asked = AskedDelay(answer)};
}

}  // namespace

std::string Environment(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::string(otherwise) : value;
}

ModelServer::ModelServer(ModelServerConfig config) : config_(std::move(config)) {
  const std::string& url = config_.base_url;
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw LlmError(LlmError::Kind::kUnreachable, "not an http:// or https:// URL: " + url);
  }
  const std::size_t host = url.find("://") + 3;
  root_ = url.substr(0, url.find('?'));
  query_ = url.substr(root_.size());
  while (root_.ends_with('/')) root_.pop_back();
  host_ = root_.substr(host, root_.find('/', host) - host);
  if (host + host_.size() == root_.size()) root_ += "/v1";
}

std::string ModelServer::Url(std::string_view path) const { return root_ + std::string(path) + query_; }

bool ModelServer::azure() const { return host_.ends_with(".azure.com"); }

std::string_view ModelServer::provider() const {
  if (azure()) return "azure";
  return host_ == "api.openai.com" ? "openai" : "";
}

std::string ModelServer::Post(const Call& call, nightjar::Span& span) const {
  HttpCall http{.url = Url(call.path), .body = call.body, .timeout = config_.timeout, .stop = call.stop};
  nightjar::HeaderCarrier trace;
  nightjar::propagator().Inject(nightjar::Context::Current(), trace);
  for (const auto& [name, value] : trace.headers()) http.headers.push_back(name + ": " + value);
  if (!config_.api_key.empty()) {
    http.headers.push_back((azure() ? "api-key: " : "Authorization: Bearer ") + config_.api_key);
  }
  bool streaming = false;
  if (call.on_piece) {
    http.on_piece = [&](std::string_view piece) {
      streaming = true;
      call.on_piece(piece);
    };
  }
  const auto attempt = [&](std::string& body) -> std::optional<Failure> {
    try {
      HttpAnswer answer = http_.Post(http);
      if (answer.status != 200) return Refusal(http.url, answer);
      body = std::move(answer.body);
      return std::nullopt;
    } catch (const HttpError& error) {
      return Failure{
          .error = LlmError(KindOf(error.kind()), "cannot ask the model at " + http.url + ": " + error.what()),
          .passing = error.kind() == HttpError::Kind::kBroken && !streaming};
    }
  };
  for (int number = 1;; ++number) {
    std::string body;
    const std::optional<Failure> failure = attempt(body);
    if (!failure) return body;
    const auto delay = failure->asked.value_or(Backoff(config_.retry, number, Random()));
    if (!failure->passing || number >= config_.retry.attempts_max || delay > config_.retry.server_max) {
      throw LlmError(failure->error);
    }
    span.AddEvent("retry", {{"attempt", std::int64_t{number}},
                            {"delay_ms", std::int64_t{delay.count()}},
                            {"error", std::string_view(failure->error.what())}});
    if (!Sleep(delay, call.stop)) {
      throw LlmError(LlmError::Kind::kStopped,
                     "stopped while waiting to ask again: " + std::string(failure->error.what()));
    }
  }
}

}  // namespace stack
