// The clock of a connection, with limits of a second. What goes over the wire is tested from outside
// (tests/test_grpc_*.py).
#include "server/grpc/internal/connection.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <latch>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace nightjar::server::internal {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

std::string Frame(char type, char flags, char stream, std::string_view payload) {
  std::string frame(3, '\0');
  frame[1] = static_cast<char>(payload.size() >> 8);
  frame[2] = static_cast<char>(payload.size());
  frame += {type, flags, '\0', '\0', '\0', stream};
  return frame.append(payload);
}

std::string Field(std::string_view name, std::string_view value) {
  std::string field = {'\0', static_cast<char>(name.size())};
  field.append(name) += static_cast<char>(value.size());
  return field.append(value);
}

constexpr char kHeaders = 1;
constexpr char kResetStream = 3;
constexpr char kPing = 6;
constexpr char kGoaway = 7;
constexpr char kEndStream = 1;
constexpr char kEndHeaders = 4;

constexpr GrpcLimits kSecondsOnly = {.answers_waiting_max = 100,
                                     .handshake_timeout = std::chrono::seconds(1),
                                     .message_timeout = std::chrono::seconds(1),
                                     .write_timeout = std::chrono::seconds(1),
                                     .idle_timeout = std::chrono::seconds(1),
                                     .keepalive_after = std::chrono::seconds(1),
                                     .keepalive_timeout = std::chrono::seconds(1)};

class ConnectionTest : public testing::Test {
 protected:
  explicit ConnectionTest(const GrpcLimits& limits = kSecondsOnly) : limits_(limits), client_(io_) {
    tcp::acceptor acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    client_.open(tcp::v4());
    client_.set_option(tcp::socket::receive_buffer_size(4096));  // what is not taken waits in the server
    client_.connect(acceptor.local_endpoint());
    auto accepted = acceptor.accept(asio::make_strand(io_));
    accepted.set_option(tcp::socket::send_buffer_size(4096));
    const auto connection = std::make_shared<Connection>(std::move(accepted), context_);
    asio::co_spawn(io_, [connection] { return connection->Run(); }, asio::detached);
    thread_ = std::jthread([this] { io_.run(); });  // until the connection has ended
  }

  void Send(const std::string& bytes) { asio::write(client_, asio::buffer(bytes)); }

  // The headers of a call; "/hold" is never answered.
  static std::string Call(char flags, std::string_view path = "/hold", char stream = 1) {
    return Frame(kHeaders, flags, stream,
                 Field(":method", "POST") + Field(":scheme", "http") + Field(":path", path) +
                     Field(":authority", "tests") + Field("content-type", "application/grpc"));
  }

  // A whole call, with an empty message.
  static std::string WholeCall(std::string_view path, char stream) {
    return Call(kEndHeaders, path, stream) + Frame(0, kEndStream, stream, std::string_view("\0\0\0\0\0", 5));
  }

  std::string BytesUntilClosed() {
    std::string received;
    std::array<char, 4096> part;
    boost::system::error_code ec;
    while (const std::size_t size = client_.read_some(asio::buffer(part), ec)) received.append(part.data(), size);
    return received;
  }

  // The types of the frames that come until the server closes, in order.
  std::string TypesUntilClosed() {
    const std::string received = BytesUntilClosed();
    std::string types;
    for (std::size_t at = 0; at + 9 <= received.size();) {
      types += received[at + 3];
      at += 9 + (static_cast<std::size_t>(static_cast<unsigned char>(received[at + 1])) << 8) +
            static_cast<unsigned char>(received[at + 2]);
    }
    return types;
  }

  const GrpcLimits limits_;
  const GrpcMethods methods_ = {
      {"/hold", {.message_bytes_max = 10, .handle = [](const auto&, const auto&) {}}},
      {"/answer",
       {.message_bytes_max = 10,
        .handle = [](const auto& call, const std::string&) { call->SendAndFinish("an answer"); }}},
      {"/work",
       {.where = CallRunsOn::kWorker, .message_bytes_max = 10, .handle = [this](const auto&, const std::string&) {
          working_.count_down();
          may_end_.acquire();
        }}}};
  std::latch working_{1};
  std::counting_semaphore<> may_end_{0};
  std::counting_semaphore<> refused_{0};
  std::vector<GrpcStatus> refusals_;  // as many as refused_ has counted
  WorkerPool workers_{1, 1};
  const GrpcContext context_{limits_, methods_, workers_, std::make_shared<ByteBudget>(1 << 20),
                             [this](std::string_view, std::string_view, const GrpcStatus& status) {
                               refusals_.push_back(status);
                               refused_.release();
                             }};
  asio::io_context io_;
  tcp::socket client_;
  std::jthread thread_;
};

TEST_F(ConnectionTest, SilentFromTheBeginning) { EXPECT_EQ(TypesUntilClosed(), ""); }

TEST_F(ConnectionTest, WithoutSettings) {
  Send(std::string(kPreface.substr(0, 24)));
  EXPECT_EQ(TypesUntilClosed().find(kGoaway), std::string::npos);
}

TEST_F(ConnectionTest, IdleOnesAreAskedToLeave) {
  Send(std::string(kPreface));
  EXPECT_NE(TypesUntilClosed().find(kGoaway), std::string::npos);
}

TEST_F(ConnectionTest, OnesThatDoNotAnswerAPingAreClosed) {
  Send(std::string(kPreface) + Call(kEndHeaders) + Frame(0, kEndStream, 1, std::string_view("\0\0\0\0\0", 5)));
  const std::string types = TypesUntilClosed();
  EXPECT_NE(types.find(kPing), std::string::npos);
  EXPECT_EQ(types.find(kGoaway), std::string::npos);
}

TEST_F(ConnectionTest, AMessageThatDoesNotComeIsGivenUp) {
  Send(std::string(kPreface) + Call(kEndHeaders));
  const std::string types = TypesUntilClosed();
  EXPECT_NE(types.find(kHeaders), std::string::npos);  // DEADLINE_EXCEEDED
  EXPECT_NE(types.find(kResetStream), std::string::npos);
}

TEST_F(ConnectionTest, AHeaderBlockThatDoesNotEndEndsTheConnection) {
  Send(std::string(kPreface) + Call(0));
  EXPECT_EQ(TypesUntilClosed().find(kHeaders), std::string::npos);
}

TEST_F(ConnectionTest, AnAnswerThatIsNotTakenIsGivenUp) {
  constexpr char kSettings = 4;
  Send(std::string(kPreface) + Frame(kSettings, 0, 0, std::string_view("\0\4\0\0\0\0", 6)) + WholeCall("/answer", 1));
  EXPECT_NE(TypesUntilClosed().find(kResetStream), std::string::npos);  // no window was granted for its bytes
}

TEST_F(ConnectionTest, AnswersThatWaitAreBounded) {
  std::string bytes(kPreface);
  for (int i = 0; i < 500; ++i) bytes += Frame(kPing, 0, 0, "12345678");  // what is read at one time, or in two
  Send(bytes);
  // Of type GOAWAY, after stream 0, ENHANCE_YOUR_CALM.
  constexpr std::string_view kGoodbye("\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b", 17);
  EXPECT_TRUE(BytesUntilClosed().ends_with(kGoodbye));
}

TEST_F(ConnectionTest, AFullWorkerQueueIsUnavailable) {
  Send(std::string(kPreface) + WholeCall("/work", 1));
  working_.wait();  // the only worker has it
  Send(WholeCall("/work", 3) + WholeCall("/work", 5));
  refused_.acquire();
  may_end_.release(2);
  ASSERT_EQ(refusals_.size(), 1u);
  EXPECT_EQ(refusals_[0].code, 14);  // UNAVAILABLE
  EXPECT_NE(refusals_[0].details.find("google.rpc.RetryInfo"), std::string::npos);
  client_.close();
}

class CrowdedConnectionTest : public ConnectionTest {
 protected:
  CrowdedConnectionTest() : ConnectionTest({.control_frames_burst = 10'000, .answers_waiting_max = 2'500}) {}
};

// 1,000 frames wait and some more of what was read with the last of them: the 2,500 that end the connection never do.
TEST_F(CrowdedConnectionTest, OneThatTakesNothingIsNotReadFurther) {
  std::string pings(kPreface);
  for (int i = 0; i < 4000; ++i) pings += Frame(kPing, 0, 0, "12345678");
  Send(pings);
  std::string received;
  std::array<char, 4096> part;
  boost::system::error_code ec;
  std::size_t answers = 0;
  std::size_t at = 0;
  while (answers < 4000 && !ec) {
    received.append(part.data(), client_.read_some(asio::buffer(part), ec));
    for (; at + 9 <= received.size(); at += 9 + static_cast<unsigned char>(received[at + 2])) {
      ASSERT_NE(received[at + 3], kGoaway);
      answers += received[at + 3] == kPing ? 1 : 0;
    }
  }
  EXPECT_EQ(answers, 4000u);
  client_.close();
}

}  // namespace
}  // namespace nightjar::server::internal
