// The client against recorded answers: bytes as ClickHouse's HTTP interface sends them. The engine itself answers in
// src/engine/engine_test.cc and in the scenarios.
#include "store/clickhouse.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace nightjar::store {
namespace {

using namespace std::chrono_literals;

std::string Answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Reads one request on each connection and answers it with the next of the recorded texts; an empty text: no answer.
class RecordedServer {
 public:
  explicit RecordedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    std::string folder = (std::filesystem::temp_directory_path() / "nightjar_client_XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder;
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strcpy(address.sun_path, socket_path().c_str());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listener_, 8) != 0) {
      std::abort();
    }
    thread_ = std::thread([this] { Serve(); });
  }
  RecordedServer(RecordedServer&&) = delete;
  ~RecordedServer() {
    Finish();
    close(listener_);
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string socket_path() const { return folder_ + "/s"; }

  // Every request that came, as text.
  const std::vector<std::string>& Finish() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    return requests_;
  }

 private:
  static std::string ReadRequest(int file) {
    std::string request;
    char piece[65536];
    for (std::size_t whole = std::string::npos; request.size() < whole;) {
      const ssize_t count = read(file, piece, sizeof(piece));
      if (count <= 0) break;
      request.append(piece, static_cast<std::size_t>(count));
      const std::size_t head_end = request.find("\r\n\r\n");
      if (head_end == std::string::npos) continue;
      const std::size_t length = request.find("Content-Length: ");
      whole = head_end + 4 + (length < head_end ? std::stoul(request.substr(length + 16)) : 0);
    }
    return request;
  }

  void Serve() {
    for (const std::string& answer : answers_) {
      const int file = accept(listener_, nullptr, nullptr);
      if (file < 0) return;
      requests_.push_back(ReadRequest(file));
      if (answer.empty()) {
        char end = 0;
        [[maybe_unused]] const ssize_t closed = read(file, &end, 1);  // until the client hangs up
      }
      send(file, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(file);
    }
  }

  const std::vector<std::string> answers_;
  std::string folder_;
  int listener_ = -1;
  std::vector<std::string> requests_;  // of thread_, until it is joined
  std::thread thread_;
};

Error SelectError(const std::string& answer, const QueryOptions& options = {}) {
  RecordedServer server({answer});
  ClickHouse client({.unix_socket = server.socket_path()});
  const auto result = client.Select("SELECT 1", {}, options);
  EXPECT_FALSE(result);
  return result ? Error() : result.error();
}

TEST(ClickHouse, SendsParametersAsEscapedFields) {
  RecordedServer server({Answer("200 OK", "", std::string("\0\1", 2))});
  ClickHouse client({.unix_socket = server.socket_path()});
  const QueryParam params[] = {{"x", "a\tb\\ 'c'&"}, {"y", "['it\\'s']", ParamForm::kLiteral}};
  const auto result = client.Select("SELECT {x:String}", params, {.role = QueryRole::kUser});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, std::string("\0\1", 2));
  const std::string request = server.Finish().at(0);
  EXPECT_TRUE(
      request.starts_with("POST /?default_format=Native&role=ro&param_x=a%5Ctb%5C%5C%20%27c%27%26"
                          "&param_y=%5B%27it%5C%27s%27%5D HTTP/1.1\r\n"))
      << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\nSELECT {x:String}")) << request;
}

TEST(ClickHouse, SendsWhatIsTooLongForATargetAsAForm) {
  RecordedServer server({Answer("200 OK", "", "")});
  ClickHouse client({.unix_socket = server.socket_path()});
  const std::string ids(70'000, '1');
  const QueryParam params[] = {{"ids", "[" + ids + "]", ParamForm::kLiteral}};
  ASSERT_TRUE(client.Select("SELECT {ids:Array(String)}", params, {}));
  const std::string request = server.Finish().at(0);
  EXPECT_TRUE(request.starts_with("POST / HTTP/1.1\r\n")) << request.substr(0, 100);
  EXPECT_NE(request.find("\r\nContent-Type: application/x-www-form-urlencoded\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\ndefault_format=Native&param_ids=%5B" + ids +
                                "%5D&query=SELECT%20%7Bids%3AArray%28String%29%7D"));
}

TEST(ClickHouse, SendsInsertsWithTheirToken) {
  RecordedServer server({Answer("200 OK", "", "")});
  ClickHouse client({.unix_socket = server.socket_path()});
  ASSERT_TRUE(client.Insert("INSERT INTO t (a)", "e1:2'", "block"));
  const std::string request = server.Finish().at(0);
  EXPECT_TRUE(
      request.starts_with("POST /?query=INSERT%20INTO%20t%20%28a%29%20SETTINGS%20optimize_on_insert%3D0%2C%20"
                          "insert_deduplication_token%3D"
                          "%27e1%3A2%5C%27%27%20FORMAT%20Native HTTP/1.1\r\n"))
      << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\nblock")) << request;
}

TEST(ClickHouse, MapsTheEnginesErrors) {
  const auto refusal = [](const std::string& status, int code) {
    const std::string number = std::to_string(code);
    return Answer(status, "X-ClickHouse-Exception-Code: " + number + "\r\n",
                  "Code: " + number + ". DB::Exception: why\n");
  };
  EXPECT_EQ(SelectError(refusal("400 Bad Request", 62)).code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(SelectError(refusal("400 Bad Request", 62)).message, "Code: 62. DB::Exception: why");
  EXPECT_EQ(SelectError(refusal("404 Not Found", 60)).code, ErrorCode::kNotFound);
  EXPECT_EQ(SelectError(refusal("403 Forbidden", 164)).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(SelectError(refusal("408 Request Timeout", 159)).code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(SelectError(refusal("500 Internal Server Error", 396)).code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(SelectError(refusal("500 Internal Server Error", 241)).code, ErrorCode::kUnavailable);
  const std::string damaged =
      "Code: 117. DB::Exception: Invalid type: (while reading from part /data/store/6/67/0_5_5_0/)\n";
  EXPECT_EQ(SelectError(Answer("500 Internal Server Error", "", damaged)).code, ErrorCode::kDataLoss);
  const std::string too_large = "Code: 241. DB::Exception: Query memory limit exceeded: would use 385.00 MiB\n";
  EXPECT_EQ(SelectError(Answer("500 Internal Server Error", "", too_large)).code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(SelectError(refusal("500 Internal Server Error", 49)).code, ErrorCode::kInternal);
  EXPECT_EQ(SelectError(Answer("503 Service Unavailable", "", "")).code, ErrorCode::kUnavailable);
}

TEST(ClickHouse, AsksAgainWhenADamagedPartIsPutAside) {
  const std::string met =
      "Code: 40. DB::Exception: Checksum doesn't match: (in file /d/store/6ab/67-f/0_5_5_0/data.bin)";
  const std::string nested =
      "Code: 341. DB::Exception: Mutation failed, reason: 'Code: 117. DB::Exception: (while reading "
      "from part /d/store/6ab/67-f/0_9_9_0/ in table')";
  const std::string failed = "500 Internal Server Error";
  RecordedServer server({Answer(failed, "", met), Answer(failed, "", nested), Answer("200 OK", "", "rows"),
                         Answer(failed, "", met), Answer(failed, "", "Code: 40. /store/6ab/67-f/0_5_5_0/skp_idx_i.idx"),
                         Answer("200 OK", "", "rows"), Answer(failed, "", met)});
  std::vector<std::string> told;
  bool put_aside = true;
  ClickHouse client({.unix_socket = server.socket_path(), .on_damage = [&](const std::string& part) {
                       told.push_back(part);
                       return put_aside;
                     }});
  EXPECT_EQ(client.Select("SELECT 1", {}, {}).value(), "rows");
  EXPECT_EQ(told, (std::vector<std::string>{"/store/6ab/67-f/0_5_5_0/", "/store/6ab/67-f/0_9_9_0/"}));
  put_aside = false;
  EXPECT_EQ(client.Select("SELECT 1", {}, {}).error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(told.size(), 3);
  // Of a skip index nobody is told, nor of what a person's statement met.
  EXPECT_EQ(client.Select("SELECT 1", {}, {}).value(), "rows");
  EXPECT_EQ(client.Select("SELECT 1", {}, {.role = QueryRole::kUser}).error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(told.size(), 3);
}

TEST(ClickHouse, CutsLongErrorTexts) {
  EXPECT_EQ(SelectError(Answer("500 Internal Server Error", "", std::string(10'000, 'x'))).message,
            std::string(500, 'x'));
}

TEST(ClickHouse, TakesNoResultThatWasCut) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(SelectError(chunked + "3\r\nabc\r\n").code, ErrorCode::kUnavailable);
  EXPECT_EQ(SelectError("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").code, ErrorCode::kUnavailable);
  const std::string text = "__exception__\nCode: 241. DB::Exception: memory\n";
  const Error failed = SelectError(chunked + "3\r\nabc\r\n2F\r\n" + text + "\r\n");
  EXPECT_EQ(failed.code, ErrorCode::kUnavailable);
  EXPECT_EQ(failed.message, "Code: 241. DB::Exception: memory");
}

TEST(ClickHouse, LimitsTheResult) {
  const Error error = SelectError(Answer("200 OK", "", "abcde"), {.result_bytes_max = 4});
  EXPECT_EQ(error.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(error.message, "the result is larger than 4 bytes");
}

TEST(ClickHouse, GivesUpInTime) { EXPECT_EQ(SelectError("", {.timeout = 20ms}).code, ErrorCode::kDeadlineExceeded); }

TEST(ClickHouse, EndsItsCallsForTheStop) {
  RecordedServer silent({""});
  ClickHouse client({.unix_socket = silent.socket_path()});
  client.EndCallsAt(std::chrono::steady_clock::now() + 20ms);
  for (int call = 0; call < 2; ++call) {
    const Result<void> inserted = client.Insert("INSERT INTO t", "token", "x");
    ASSERT_FALSE(inserted);
    EXPECT_EQ(inserted.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(inserted.error().message, "the server is stopping");
  }
}

TEST(ClickHouse, GivesUpWhatNobodyWaitsFor) {
  RecordedServer silent({""});
  ClickHouse client({.unix_socket = silent.socket_path()});
  std::stop_source stop;
  std::jthread leaves([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  const auto result = client.Select("SELECT 1", {}, {.stop = stop.get_token()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(result.error().message, "nobody waits for the answer any more");
}

TEST(ClickHouse, SaysThatNobodyAnswers) {
  ClickHouse client({.unix_socket = "/nowhere/engine.sock"});
  EXPECT_EQ(client.Ping(100ms).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(client.Select("SELECT 1", {}, {}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(client.Insert("INSERT INTO t", "token", "x").error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace nightjar::store
