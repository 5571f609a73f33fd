#include "bench/sender.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

namespace nightjar::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::nanoseconds;

// Answers the requests of one connection with the given responses, in order, then hangs up.
class ScriptedReceiver {
 public:
  explicit ScriptedReceiver(std::vector<std::string> answers)
      : acceptor_(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
        thread_([this, answers = std::move(answers)] { Serve(answers); }) {}

  [[nodiscard]] SendOptions options() const { return {.port = acceptor_.local_endpoint().port(), .connections = 1}; }
  std::vector<std::string> TakeBodies() {
    thread_.join();
    return std::move(bodies_);
  }

 private:
  void Serve(const std::vector<std::string>& answers) {
    tcp::socket socket = acceptor_.accept();
    std::string received;
    for (const std::string& answer : answers) {
      const std::size_t head = asio::read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n");
      const std::size_t at = received.find("content-length: ") + 16;
      const std::size_t length = std::stoul(received.substr(at));
      if (received.size() < head + length)
        asio::read(socket, asio::dynamic_buffer(received), asio::transfer_exactly(head + length - received.size()));
      bodies_.push_back(received.substr(head, length));
      received.erase(0, head + length);
      asio::write(socket, asio::buffer(answer));
    }
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::vector<std::string> bodies_;
  std::thread thread_;
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const std::vector<Body> kBodies = {{"one", 10}, {"two", 20}};

TEST(Sender, CountsAcknowledgedSpans) {
  ScriptedReceiver receiver({kOk, kOk});
  const auto report = SendHttp(receiver.options(), Each(kBodies));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(receiver.TakeBodies(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(report->spans, 30u);
  EXPECT_EQ(report->requests, 2u);
  EXPECT_EQ(report->bytes, 6u);
  EXPECT_EQ(report->latencies.size(), 2u);
}

TEST(Sender, SubtractsRejectedSpans) {
  // partial_success { rejected_spans: 3 }
  ScriptedReceiver receiver({"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\x0a\x02\x08\x03", kOk});
  const auto report = SendHttp(receiver.options(), Each(kBodies));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  receiver.TakeBodies();
  EXPECT_EQ(report->spans, 27u);
  EXPECT_EQ(report->rejected_spans, 3u);
}

TEST(Sender, SendsARefusedBodyAgain) {
  ScriptedReceiver receiver(
      {"HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n", kOk, kOk});
  const auto report = SendHttp(receiver.options(), Each(kBodies));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(receiver.TakeBodies(), (std::vector<std::string>{"one", "one", "two"}));
  EXPECT_EQ(report->spans, 30u);
  EXPECT_EQ(report->refusals, (std::map<int, std::size_t>{{503, 1}}));
}

TEST(Sender, OtherAnswersAndHangUpsEndTheRun) {
  ScriptedReceiver refuses({"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"});
  const auto refused = SendHttp(refuses.options(), Each(kBodies));
  refuses.TakeBodies();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);

  ScriptedReceiver hangs_up({kOk});
  const auto cut = SendHttp(hangs_up.options(), Each(kBodies));
  hangs_up.TakeBodies();
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().code, ErrorCode::kUnavailable);
}

TEST(Sender, OpenLoopCountsFromTheTimetable) {
  ScriptedReceiver receiver({kOk, kOk});
  SendOptions options = receiver.options();
  options.spans_per_s = 1000;  // the second body is due after 10 spans: 10 ms
  const auto report = SendHttp(options, Each(kBodies));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  receiver.TakeBodies();
  EXPECT_GE(report->seconds, 0.010);
}

TEST(Quantile, IsNearestRank) {
  const std::vector<nanoseconds> ten = {nanoseconds(1), nanoseconds(2), nanoseconds(3), nanoseconds(4),
                                        nanoseconds(5), nanoseconds(6), nanoseconds(7), nanoseconds(8),
                                        nanoseconds(9), nanoseconds(10)};
  EXPECT_EQ(Quantile(ten, 0.5), nanoseconds(5));
  EXPECT_EQ(Quantile(ten, 0.99), nanoseconds(10));
  EXPECT_EQ(Quantile(ten, 0), nanoseconds(1));
  EXPECT_EQ(Quantile({}, 0.5), nanoseconds(0));
}

}  // namespace
}  // namespace nightjar::bench
