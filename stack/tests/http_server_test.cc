#include "stack/http_server.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "http_exchange.h"

namespace stack {
namespace {

HttpReply Text(std::string body) {
  HttpReply reply;
  reply.response.body() = std::move(body);
  return reply;
}

HttpReply Pieces() {
  HttpReply reply;
  reply.stream = [](const BodyWriter& write) {
    write("one ");
    write("");
    write("two");
  };
  return reply;
}

HttpReply Serve(const HttpRequest& request) {
  if (request.target() == "/pieces") return Pieces();
  if (request.target() == "/close") throw CloseConnection();
  if (request.target() == "/broken") throw std::runtime_error("broken");
  HttpReply reply = Text(std::string(request.method_string()) + " " + request.body());
  if (request.target() == "/broken-pieces")
    reply.stream = [](const BodyWriter&) { throw std::runtime_error("broken"); };
  return reply;
}

TEST(HttpServer, AnswersOneRequestAfterTheOther) {
  const HttpServer server("127.0.0.1", 0, Serve);
  HttpExchange exchange(server.address());
  for (int i = 0; i < 3; ++i) {
    exchange.Send(RequestText("POST /", "", "hello"));
    const auto response = exchange.Receive();
    EXPECT_EQ(response.result_int(), 200U);
    EXPECT_EQ(response.body(), "POST hello");
    EXPECT_TRUE(response.keep_alive());
  }
  exchange.Send(RequestText("GET /", "Connection: close\r\n"));
  EXPECT_EQ(exchange.Receive().body(), "GET ");
  EXPECT_TRUE(exchange.Closed());
}

TEST(HttpServer, StreamsInChunks) {
  const HttpServer server("127.0.0.1", 0, Serve);
  HttpExchange exchange(server.address());
  for (int i = 0; i < 2; ++i) {
    exchange.Send(RequestText("GET /pieces"));
    const auto response = exchange.Receive();
    EXPECT_TRUE(response.chunked());
    EXPECT_EQ(response.body(), "one two");
  }
}

TEST(HttpServer, StreamsToOldClientsWithoutChunks) {
  const HttpServer server("127.0.0.1", 0, Serve);
  HttpExchange exchange(server.address());
  exchange.Send("GET /pieces HTTP/1.0\r\n\r\n");
  const auto response = exchange.Receive();
  EXPECT_FALSE(response.chunked());
  EXPECT_EQ(response.body(), "one two");
  EXPECT_TRUE(exchange.Closed());
}

TEST(HttpServer, ClosesWhenTheHandlerSaysSo) {
  const HttpServer server("127.0.0.1", 0, Serve);
  for (const char* target : {"GET /close"}) {
    HttpExchange exchange(server.address());
    exchange.Send(RequestText(target));
    EXPECT_TRUE(exchange.Closed());
  }
}

TEST(HttpServer, OutlivesHandlersThatThrow) {
  const HttpServer server("127.0.0.1", 0, Serve);
  EXPECT_EQ(Exchange(server.address(), RequestText("GET /broken")).result_int(), 500U);
  EXPECT_THROW((void)Exchange(server.address(), RequestText("GET /broken-pieces")), boost::system::system_error);
  EXPECT_EQ(Exchange(server.address(), RequestText("GET /")).result_int(), 200U);
}

TEST(HttpServer, RefusesWhatIsTooLargeOrNoRequest) {
  const HttpServer server("127.0.0.1", 0, Serve, {.body_bytes_max = 10, .header_bytes_max = 1'000});
  EXPECT_EQ(Exchange(server.address(), RequestText("POST /", "", "0123456789")).result_int(), 200U);
  const auto large = Exchange(server.address(), RequestText("POST /", "", "0123456789+"));
  EXPECT_EQ(large.result_int(), 413U);
  EXPECT_EQ(large.body(), R"({"error":{"message":"the body is too large"}})");
  EXPECT_FALSE(large.keep_alive());
  EXPECT_EQ(Exchange(server.address(), RequestText("GET /", "X: " + std::string(1'000, 'x') + "\r\n")).result_int(),
            431U);
  EXPECT_EQ(Exchange(server.address(), "what?\r\n\r\n").result_int(), 400U);
}

TEST(HttpServer, TurnsAwayWhoComesOverItsLimit) {
  const HttpServer server("127.0.0.1", 0, Serve, {.connections_max = 1});
  HttpExchange first(server.address());
  first.Send(RequestText("GET /"));
  EXPECT_EQ(first.Receive().result_int(), 200U);
  HttpExchange second(server.address());
  EXPECT_EQ(second.Receive().result_int(), 503U);
  first.Send(RequestText("GET /"));
  EXPECT_EQ(first.Receive().result_int(), 200U);
}

TEST(HttpServer, DrainsWhatRuns) {
  std::latch entered(1);
  std::promise<void> release;
  HttpServer server("127.0.0.1", 0, [&](const HttpRequest&) {
    entered.count_down();
    release.get_future().wait();
    return Text("done");
  });
  HttpExchange idle(server.address());
  HttpExchange busy(server.address());
  busy.Send(RequestText("GET /"));
  entered.wait();
  EXPECT_FALSE(server.Drain(std::chrono::milliseconds(0)));
  EXPECT_TRUE(idle.Closed());
  EXPECT_THROW(HttpExchange(server.address()).Receive(), boost::system::system_error);
  release.set_value();
  EXPECT_EQ(busy.Receive().body(), "done");
  EXPECT_TRUE(server.Drain(std::chrono::seconds(60)));
}

TEST(HttpServer, TellsAStreamThatItsClientHasGone) {
  std::promise<void> told;
  const HttpServer server("127.0.0.1", 0, [&](const HttpRequest&) {
    HttpReply reply;
    reply.stream = [&](const BodyWriter& write) {
      while (write(std::string(10'000, 'x'))) continue;
      told.set_value();
    };
    return reply;
  });
  HttpExchange exchange(server.address());
  exchange.Send(RequestText("GET /"));
  exchange.Close();
  EXPECT_EQ(told.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

TEST(HttpServer, APortIsTakenOnce) {
  const HttpServer server("127.0.0.1", 0, Serve);
  const auto port = static_cast<std::uint16_t>(std::stoi(server.address().substr(10)));
  EXPECT_THROW(HttpServer("127.0.0.1", port, Serve), boost::system::system_error);
}

}  // namespace
}  // namespace stack
