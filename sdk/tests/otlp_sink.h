// A collector for tests: listens on a free loopback port, keeps every OTLP/HTTP request, answers as it is told.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

namespace nightjar::sdk_test {

// A list of texts as itself; any other list, an object and bytes as a text: "[1, 2.5, true]", "{a: 1}", "bytes 0a ff".
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;
using Values = std::map<std::string, Value>;

struct ReceivedEvent {
  std::string name;
  std::uint64_t time_unix_ns = 0;
  Values attributes;
  std::uint64_t attributes_dropped = 0;
};

struct ReceivedLink {
  std::string trace_id;  // hex, as below
  std::string span_id;
  std::string trace_state;
  Values attributes;
  std::uint64_t attributes_dropped = 0;
  std::uint64_t flags = 0;
};

struct ReceivedSpan {
  std::string trace_id;  // hex
  std::string span_id;
  std::string parent_span_id;
  std::string trace_state;
  std::string name;
  std::uint64_t kind = 0;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  std::uint64_t flags = 0;
  Values attributes;
  std::size_t attributes_sent = 0;  // more than attributes.size() when a key was sent twice
  std::uint64_t attributes_dropped = 0;
  std::vector<ReceivedEvent> events;
  std::uint64_t events_dropped = 0;
  std::vector<ReceivedLink> links;
  std::uint64_t links_dropped = 0;
  std::string scope;
  std::uint64_t status = 0;
  std::string status_message;
};

struct ReceivedRequest {
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  Values resource;
  std::string scope;  // the last one's name, version, attributes and schema_url
  std::string scope_version;
  Values scope_attributes;
  std::string schema_url;
  std::size_t body_bytes = 0;  // as sent, maybe compressed
  std::vector<ReceivedSpan> spans;
};

class OtlpSink {
 public:
  struct Answer {
    std::string status = "200 OK";
    std::string headers;  // lines, each ended by CRLF
    std::string body;
  };

  static constexpr int kAlways = 1'000'000'000;

  OtlpSink();
  ~OtlpSink();
  OtlpSink(const OtlpSink&) = delete;
  OtlpSink& operator=(const OtlpSink&) = delete;

  [[nodiscard]] std::string url() const;  // "http://127.0.0.1:PORT", without a path

  // Answers the next requests, in this order; after them 200 with an empty body.
  void AnswerWith(std::vector<Answer> answers);
  // Sends every later answer's body until the client hangs up.
  void AnswerWithoutEnd();
  // Closes the connection instead of answering: the next `times` requests.
  void HangUp(int times = kAlways);
  // As HangUp, but the connection is reset (TCP's RST).
  void Reset(int times = kAlways);
  // Waits so long before each answer.
  void DelayAnswers(std::chrono::milliseconds delay);
  // While held, requests are kept but not answered.
  void Hold(bool hold);

  // Waits until `count` requests have arrived; all that have. Fails the process after ten seconds.
  std::vector<ReceivedRequest> WaitForRequests(std::size_t count);
  std::vector<ReceivedRequest> requests();
  std::vector<ReceivedSpan> spans();  // of all requests

 private:
  void CloseNext(int times, bool reset);
  void Serve();
  void ServeConnection(int connection);
  // False when the connection is closed instead. REQUIRES: `lock` holds mutex_.
  bool WaitToAnswer(std::unique_lock<std::mutex>& lock, int connection);

  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ReceivedRequest> requests_;
  std::deque<Answer> answers_;
  bool held_ = false;
  bool endless_ = false;
  int hang_ups_ = 0;     // so many requests are still to be hung up on
  bool resets_ = false;  // how that is done
  std::chrono::milliseconds delay_{0};
  bool closing_ = false;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;  // one per connection
  std::thread acceptor_;
};

}  // namespace nightjar::sdk_test
