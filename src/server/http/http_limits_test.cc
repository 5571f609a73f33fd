// The transport under load, slow clients and at its end: every limit of HttpLimits.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/http/internal/server_fixture.h"

namespace nightjar::server {
namespace {

using HttpLimitsTest = HttpServerTest;
using std::string_literals::operator""s;

// Python's gzip.compress(bytes(4096), mtime=0).
const std::string kZerosGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xf7\x4f\x6d\x0f\x07\x14\x00\x00\x00\xf0\x6e\x11\x00\x1c\xc7\x00\x10\x00\x00"s;

TEST_F(HttpLimitsTest, RefusesAGzipBomb) {
  options_.limits.body_bytes_max = 4095;
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /worker HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: " +
                       std::to_string(kZerosGzip.size()) + "\r\n\r\n" + kZerosGzip),
            "413 the body is larger than 4095 bytes when decompressed\n");
}

TEST_F(HttpLimitsTest, TheBodyLimitIsExact) {
  options_.limits.body_bytes_max = 10;
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789"),
            "200 POST /echo 0123456789");
  EXPECT_EQ(
      client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"),
      "200 POST /echo 0123456789");
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n"),
            "413 the body is larger than 10 bytes\n");
  Client other = Connect();
  EXPECT_EQ(other.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"),
            "413 the body is larger than 10 bytes\n");
  EXPECT_TRUE(other.head.contains("\r\nConnection: close\r\n"));
}

TEST_F(HttpLimitsTest, AClientThatWritesFirstStillReadsThe413) {
  options_.limits.body_bytes_max = 10;
  Client client = Connect();
  const std::string body(8 << 20, 'x');
  EXPECT_TRUE(
      client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"));
  EXPECT_TRUE(client.Send(body));
  EXPECT_EQ(client.Answer(), "413 the body is larger than 10 bytes\n");
  EXPECT_EQ(client.Answer(), "closed");
}

TEST_F(HttpLimitsTest, RefusesLargeHeaders) {
  options_.limits.header_bytes_max = 1024;
  Client at_once = Connect();
  EXPECT_EQ(at_once.Ask("GET /echo HTTP/1.1\r\nHost: h\r\nX-A: " + std::string(1024, 'a') + "\r\n\r\n"),
            "431 the header is larger than 1024 bytes\n");
  Client endless = Connect();
  endless.Send("GET /" + std::string(2048, 'a'));
  EXPECT_EQ(endless.Answer(), "431 the header is larger than 1024 bytes\n");

  Client in_pieces = Connect();
  EXPECT_TRUE(in_pieces.Send("GET /echo HTTP/1.1\r\nHost: h\r\n"));
  for (int i = 0; i < 200; ++i) in_pieces.Send("X-A: aaaa\r\n");  // 2200 bytes, each line small
  EXPECT_EQ(in_pieces.Answer(), "431 the header is larger than 1024 bytes\n");
}

TEST_F(HttpLimitsTest, TheBudgetOfBytesHoldsOverAllConnections) {
  options_.limits.buffered_bytes_max = 100;
  const std::string sixty(60, 'x');
  const std::string keep = "POST /keep HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n" + sixty;
  const std::string echo = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n" + sixty;
  Client first = Connect();
  first.Send(keep);
  std::vector<Respond> kept = TakeKept(1);

  Client second = Connect();
  EXPECT_EQ(second.Ask(echo), "503 too many bytes of requests are in work\n");
  EXPECT_TRUE(second.head.contains("\r\nRetry-After: 1\r\n"));
  Client chunked = Connect();
  EXPECT_EQ(chunked.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3c\r\n" + sixty + "\r\n"),
            "503 too many bytes of requests are in work\n");

  kept.front()(Text("kept"));
  kept.clear();  // the request's bytes are held until the handler lets go
  EXPECT_EQ(first.Answer(), "200 kept");
  Client third = Connect();
  EXPECT_EQ(third.Ask(echo), "200 POST /echo " + sixty);
}

TEST_F(HttpLimitsTest, AContentLengthAloneReservesNothing) {
  options_.limits.buffered_bytes_max = 100;
  Client claims = Connect();
  claims.Send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 90\r\n\r\n");
  EXPECT_EQ(claims.Answer(), "100 ");  // the server has seen the claim
  const std::string sixty(60, 'x');
  Client other = Connect();
  EXPECT_EQ(other.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n" + sixty),
            "200 POST /echo " + sixty);
}

TEST_F(HttpLimitsTest, DecompressedBytesCountInTheBudget) {
  options_.limits.buffered_bytes_max = 4096;
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /worker HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: " +
                       std::to_string(kZerosGzip.size()) + "\r\n\r\n" + kZerosGzip),
            "503 too many bytes of requests are in work\n");
  EXPECT_TRUE(client.head.contains("\r\nRetry-After: 1\r\n"));
}

TEST_F(HttpLimitsTest, AFullWorkerQueueIs503) {
  options_.worker_threads = 1;
  options_.limits.worker_queue_max = 1;
  const std::string wait = "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n";
  Client running = Connect();
  running.Send(wait);
  gate_.WaitForArrivals(1);

  // One of these three gets the place in the queue.
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      Client client(address_);
      const std::string answer = client.Ask(wait);
      if (answer == "200 waited") return;
      EXPECT_EQ(answer, "503 too many requests are waiting\n");
      EXPECT_TRUE(client.head.contains("\r\nRetry-After: 1\r\n"));
      ++refused;
      refused.notify_one();
    });
  }
  refused.wait(0);
  refused.wait(1);
  Client other = Connect();
  EXPECT_EQ(other.Ask(kGetEcho), "200 GET /echo ");  // the I/O threads stay free
  gate_.Open();
  EXPECT_EQ(running.Answer(), "200 waited");
  threads.clear();
  EXPECT_EQ(refused, 2);
}

constexpr std::string_view kKeep = "POST /keep HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na";

TEST_F(HttpLimitsTest, FurtherConnectionsWaitWhileAllAreBusy) {
  options_.limits.connections_max = 1;
  Client first = Connect();
  first.Send(kKeep);
  std::vector<Respond> kept = TakeKept(1);
  Client second = Connect();
  Client third = Connect();
  second.Send("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  third.Send(kGetEcho);
  kept.front()(Text("kept"));
  EXPECT_EQ(first.Answer(), "200 kept");
  EXPECT_EQ(first.Answer(), "closed");
  EXPECT_EQ(second.Answer(), "200 GET /echo ");
  EXPECT_EQ(third.Answer(), "200 GET /echo ");
}

TEST_F(HttpLimitsTest, TheLongestIdleConnectionGivesWay) {
  options_.limits.connections_max = 3;
  options_.io_threads = 1;  // what the server does after an answer happens before what it does for the next request
  Client busy = Connect();
  busy.Send(kKeep);
  std::vector<Respond> kept = TakeKept(1);
  Client first = Connect();
  Client second = Connect();
  for (Client* client : {&first, &second, &first}) EXPECT_EQ(client->Ask(kGetEcho), "200 GET /echo ");
  Client next = Connect();
  EXPECT_EQ(next.Ask(kGetEcho), "200 GET /echo ");
  EXPECT_EQ(second.Answer(), "closed");
  EXPECT_EQ(first.Ask(kGetEcho), "200 GET /echo ");
  kept.front()(Text("kept"));
  EXPECT_EQ(busy.Answer(), "200 kept");
}

TEST_F(HttpLimitsTest, HalfARequestIsWork) {
  options_.limits.connections_max = 1;
  Client first = Connect();
  first.Send("GET /echo HT");
  Client second = Connect();
  second.Send(kGetEcho);
  first.Send("TP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(first.Answer(), "200 GET /echo ");
  EXPECT_EQ(second.Answer(), "200 GET /echo ");
}

TEST_F(HttpLimitsTest, ClosesSlowAndIdleConnections) {
  options_.limits.header_timeout = std::chrono::milliseconds(50);
  options_.limits.body_timeout = std::chrono::milliseconds(50);
  options_.limits.idle_timeout = std::chrono::milliseconds(50);
  Client silent = Connect();
  Client slow_header = Connect();
  Client slow_body = Connect();
  slow_header.Send("GET /echo HTTP/1.1\r\nHo");
  slow_body.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe");
  EXPECT_EQ(slow_header.Answer(), "closed");
  EXPECT_EQ(slow_body.Answer(), "closed");
  EXPECT_EQ(silent.Answer(), "closed");
}

TEST_F(HttpLimitsTest, ClosesAConnectionWhoseClientDoesNotRead) {
  options_.limits.write_timeout = std::chrono::milliseconds(50);
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";  // 100 MiB of answers
  options_.limits.connections_max = 1;
  Client client = Connect();
  client.Send(requests);
  Client next = Connect();
  EXPECT_EQ(next.Ask(kGetEcho), "200 GET /echo ");  // only served once the other was closed
}

TEST_F(HttpLimitsTest, StopLetsARequestInFlightFinish) {
  Client client = Connect();
  Client idle = Connect();
  EXPECT_EQ(idle.Ask(kGetEcho), "200 GET /echo ");
  client.Send("POST /keep HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na");
  std::vector<Respond> kept = TakeKept(1);
  std::jthread stopping([&] { server_->Stop(std::chrono::seconds(60)); });
  EXPECT_EQ(idle.Answer(), "closed");
  kept.front()(Text("finished"));
  EXPECT_EQ(client.Answer(), "200 finished");
  EXPECT_EQ(client.Answer(), "closed");
  stopping.join();
  server_->Stop(std::chrono::seconds(60));  // again does nothing
}

TEST_F(HttpLimitsTest, StopClosesWhatIsLeftAfterItsGrace) {
  Client client = Connect();
  client.Send(kKeep);
  std::vector<Respond> kept = TakeKept(1);
  server_->Stop(std::chrono::milliseconds(10));
  EXPECT_EQ(client.Answer(), "closed");
  server_.reset();
  kept.front()(Text("too late, and nobody minds"));
}

TEST_F(HttpLimitsTest, ManyClientsAtOnce) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&address = address()] {
      Client client(address);
      for (int i = 0; i < 100; ++i) {
        const std::string body(100UL * i, 'x');
        EXPECT_EQ(client.Ask("POST /worker HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                             "\r\n\r\n" + body),
                  "200 POST /worker " + body);
      }
    });
  }
}

}  // namespace
}  // namespace nightjar::server
