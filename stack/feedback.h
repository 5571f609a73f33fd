// What users think of answers, kept with the traces: annotations of Phoenix's REST API, which Nightjar has too.
#pragma once

#include <stdexcept>
#include <string>

#include "stack/http_client.h"

namespace stack {

struct Feedback {
  std::string trace_id;
  bool good = false;         // thumbs up, or down
  std::string comment = {};  // may be empty
  std::string user_id = {};  // may be empty. A later feedback of the same user replaces the earlier one
};

// The collector could not be asked, or refused.
class FeedbackError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thread-safe.
class FeedbackClient {
 public:
  // `collector` is the URL that spans are sent to, of which scheme and host count; empty: every feedback fails.
  FeedbackClient(const std::string& collector, std::string api_key);

  // Adds the annotation "user_feedback", once the spans that have ended are delivered. False when the collector does
  // not know the trace. Throws FeedbackError.
  [[nodiscard]] bool Send(const Feedback& feedback) const;

 private:
  const std::string url_;  // empty: there is no collector
  const std::string api_key_;
  const HttpClient http_;
};

}  // namespace stack
