#include "stack/llm.h"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>

#include "nightjar/llm.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::size_t kResponseBytesMax = 16U << 20;
constexpr long kConnectMilliseconds = 5'000;
constexpr std::size_t kErrorBytesMax = 300;

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

std::size_t AppendToBody(char* bytes, std::size_t /*always_one*/, std::size_t count, void* target) noexcept try {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + count > kResponseBytesMax) return 0;  // ends the transfer with an error
  body.append(bytes, count);
  return count;
} catch (...) {
  return 0;
}

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlHeaders = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

json::object FirstMessage(const std::string& response) try {
  return json::parse(response).as_object().at("choices").as_array().at(0).as_object().at("message").as_object();
} catch (const std::exception&) {
  throw LlmError("the model's server answered no chat completion: " + response.substr(0, kErrorBytesMax));
}

}  // namespace

LlmConfig LlmConfig::FromEnvironment() {
  return {.base_url = Environment("LLM_BASE_URL", "http://localhost:8080/v1"),
          .model = Environment("LLM_MODEL", "qwen2.5-7b-instruct"),
          .api_key = Environment("LLM_API_KEY", "")};
}

json::object LlmClient::Chat(const json::array& messages, const ChatOptions& options) const {
  const std::string& model = options.model.empty() ? config_.model : options.model;
  json::object request{
      {"model", model}, {"messages", messages}, {"stream", false}, {"temperature", options.temperature}};
  if (options.max_tokens) request["max_tokens"] = *options.max_tokens;
  if (!options.tools.empty()) request["tools"] = options.tools;

  nightjar::Span span = nightjar::LlmSpan(model, json::serialize(messages), options.temperature);
  return nightjar::Traced(span, [&] {
    const std::string response = Post(json::serialize(request));
    nightjar::RecordLlmOutput(span, response);
    return FirstMessage(response);
  });
}

std::string LlmClient::Post(const std::string& body) const {
  const std::string url = config_.base_url + "/chat/completions";
  const Curl curl(curl_easy_init(), &curl_easy_cleanup);
  CurlHeaders headers(curl_slist_append(nullptr, "Content-Type: application/json"), &curl_slist_free_all);
  if (!config_.api_key.empty()) {
    curl_slist_append(headers.get(), ("Authorization: Bearer " + config_.api_key).c_str());
  }
  std::string response;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, static_cast<long>(config_.timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &AppendToBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &response);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) throw LlmError("cannot ask the model at " + url + ": " + curl_easy_strerror(result));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    throw LlmError(url + " answered " + std::to_string(status) + ": " + response.substr(0, kErrorBytesMax));
  }
  return response;
}

}  // namespace stack
