#include "stack/feedback.h"

#include <boost/json.hpp>

#include "nightjar/tracing.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kTimeout{10};
constexpr std::size_t kErrorBytesMax = 300;

std::string AnnotationsUrl(const std::string& collector) {
  const std::size_t scheme = collector.find("://");
  if (scheme == std::string::npos) return "";
  // Sync: the answer says whether the trace is there.
  return collector.substr(0, collector.find('/', scheme + 3)) + "/v1/trace_annotations?sync=true";
}

std::string Body(const Feedback& feedback) {
  json::object result{{"score", feedback.good ? 1 : 0}, {"label", feedback.good ? "thumbs-up" : "thumbs-down"}};
  if (!feedback.comment.empty()) result["explanation"] = feedback.comment;
  json::object annotation{{"trace_id", feedback.trace_id},
                          {"name", "user_feedback"},
                          {"annotator_kind", "HUMAN"},
                          {"result", result},
                          {"identifier", feedback.user_id}};
  if (!feedback.user_id.empty()) annotation["metadata"] = {{"user_id", feedback.user_id}};
  return json::serialize(json::object{{"data", json::array{annotation}}});
}

}  // namespace

FeedbackClient::FeedbackClient(const std::string& collector, std::string api_key)
    : url_(AnnotationsUrl(collector)), api_key_(std::move(api_key)) {}

bool FeedbackClient::Send(const Feedback& feedback) const {
  if (url_.empty()) throw FeedbackError("tracing is off");
  nightjar::ForceFlush(kTimeout);  // the trace may be waiting here still; if it cannot be sent, the answer tells
  HttpCall call{.url = url_, .body = Body(feedback), .timeout = kTimeout};
  if (!api_key_.empty()) call.headers.push_back("Authorization: Bearer " + api_key_);
  try {
    const HttpAnswer answer = http_.Post(call);
    if (answer.status == 404) return false;
    if (answer.status == 200) return true;
    throw FeedbackError(url_ + " answered " + std::to_string(answer.status) + ": " +
                        answer.body.substr(0, kErrorBytesMax));
  } catch (const HttpError& error) {
    throw FeedbackError("cannot ask " + url_ + ": " + error.what());
  }
}

}  // namespace stack
