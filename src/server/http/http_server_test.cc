// What the transport takes, refuses and answers.
#include "server/http/http_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "server/http/internal/server_fixture.h"

namespace nightjar::server {
namespace {

using std::string_literals::operator""s;

// Python's gzip.compress(b"hello", mtime=0).
const std::string kHelloGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00"s;

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  Client client = Connect();
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
  EXPECT_EQ(client.head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"), "200 POST /echo hi");
  EXPECT_EQ(client.Ask("POST /worker HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"), "200 POST /worker hi");
}

TEST_F(HttpServerTest, HandsOverPathQueryAndHeaders) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("GET /things/a%2Fb?q=1%202 HTTP/1.1\r\nHost: h\r\nX-A:  v \r\n\r\n"), "200 a/b,1 2,v");
  EXPECT_EQ(client.Ask("GET http://h/things/c HTTP/1.1\r\nHost: h\r\n\r\n"), "200 c,,");
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Client client = Connect();
  client.Send(
      "GET /things/1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /worker HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n2"
      "GET /things/3 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Answer(), "200 1,,");
  EXPECT_EQ(client.Answer(), "200 POST /worker 2");
  EXPECT_EQ(client.Answer(), "200 3,,");
}

TEST_F(HttpServerTest, TakesARequestByteByByte) {
  Client client = Connect();
  for (const char c : "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"s) {
    client.Send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.Answer(), "200 POST /echo a");
}

TEST_F(HttpServerTest, TakesChunkedBodies) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "5;extension=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n"),
            "200 POST /echo hello world");
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpServerTest, UndoesGzip) {
  Client client = Connect();
  const std::string head = " HTTP/1.1\r\nHost: h\r\nContent-Encoding: GZIP\r\nContent-Length: 25\r\n\r\n";
  EXPECT_EQ(client.Ask("POST /echo" + head + kHelloGzip), "200 POST /echo hello");
  EXPECT_EQ(client.Ask("POST /worker" + head + kHelloGzip), "200 POST /worker hello");
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"),
            "200 POST /echo ");
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\na"),
            "200 POST /echo a");
}

TEST_F(HttpServerTest, RefusesBadGzipAndKeepsTheConnection) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
            "400 the body is not valid gzip\n");
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpServerTest, RefusesUnknownContentEncodings) {
  for (const char* coding : {"br", "gzip, gzip", "gzip\r\nContent-Encoding: zstd"}) {
    Client client = Connect();
    EXPECT_EQ(
        client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: "s + coding + "\r\nContent-Length: 1\r\n\r\na"),
        "415 the content-encoding must be one of gzip, deflate and zstd, once, or identity\n");
    EXPECT_TRUE(client.head.contains("\r\nAccept-Encoding: gzip, deflate, zstd\r\n"));
  }
}

TEST_F(HttpServerTest, RefusesUnknownPathsAndMethods) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("GET /none HTTP/1.1\r\nHost: h\r\n\r\n"), "404 there is nothing at this path\n");
  EXPECT_EQ(client.Ask("PUT /echo HTTP/1.1\r\nHost: h\r\n\r\n"), "405 this path takes GET, HEAD, POST\n");
  EXPECT_TRUE(client.head.contains("\r\nAllow: GET, HEAD, POST\r\n"));
  EXPECT_EQ(client.Ask("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"), "400 the path is not percent-encoded UTF-8\n");
  // The body of a refused request is not read.
  EXPECT_EQ(client.Ask("POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"),
            "404 there is nothing at this path\n");
  client.EndSending();
  EXPECT_EQ(client.Answer(), "closed");
}

TEST_F(HttpServerTest, TheOwnerOfAPathWordsItsRefusals) {
  options_.limits.body_bytes_max = 10;
  router_.AddRefusal("/echo", [](const Request& request, const Refusal& refusal) {
    return Response{.status = refusal.status,
                    .content_type = std::string(request.header("content-type")),
                    .body = "echo: " + refusal.message,
                    .headers = {}};
  });
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 11\r\n\r\n"),
            "413 echo: the body is larger than 10 bytes");
  EXPECT_TRUE(client.head.contains("\r\nContent-Type: a/b\r\n"));
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"nonsense\r\n\r\n", "400"},
      {"GET /echo HTTP/1.1\r\n\r\n", "400"},  // no host
      {"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET /echo HTTP/1.1\r\nHost: h\r\nX-A: a\0b\r\n\r\n"s, "400"},
      {"GET /echo HTTP/1.1\r\nHost: h\r\nX-A : a\r\n\r\n", "400"},
      {"GET /echo HTTP/1.1\r\nHost: h\nX-A: a\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "501"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", "501"},
      {"POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(64 << 10, 'x'), "400"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nExpect: a-pony\r\nContent-Length: 1\r\n\r\n", "417"},
  };
  for (const auto& [request, status] : cases) {
    Client client = Connect();
    EXPECT_EQ(client.Ask(request).substr(0, 3), status) << request;
    EXPECT_TRUE(client.head.contains("\r\nConnection: close\r\n")) << request;
    client.EndSending();
    EXPECT_EQ(client.Answer(), "closed") << request;
  }
}

TEST_F(HttpServerTest, RefusesHttp2) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505 HTTP/2, as gRPC speaks it, on a port of HTTP/1.1\n");
  EXPECT_TRUE(client.head.contains("\r\nConnection: close\r\n"));
}

TEST_F(HttpServerTest, RefusesTlsAtItsFirstByte) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("\x16"), "400 TLS on a port of plain HTTP\n");
}

TEST_F(HttpServerTest, TheDefaultOwnerWordsOtherProtocols) {
  router_.AddRefusal("", [](const Request& request, const Refusal& refusal) {
    EXPECT_EQ(request.path, "");
    EXPECT_EQ(refusal.protocol, Protocol::kTls);
    return Text("no TLS here");
  });
  Client client = Connect();
  EXPECT_EQ(client.Ask("\x16\x03\x01\x02\x00\x01\x00\x01\xfc"s), "200 no TLS here");
}

TEST_F(HttpServerTest, ClosesAfterHttp10AndAfterConnectionClose) {
  Client old = Connect();
  EXPECT_EQ(old.Ask("GET /echo HTTP/1.0\r\n\r\n"), "200 GET /echo ");
  EXPECT_EQ(old.Answer(), "closed");
  Client client = Connect();
  EXPECT_EQ(client.Ask("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "200 GET /echo ");
  EXPECT_EQ(client.Answer(), "closed");
}

TEST_F(HttpServerTest, HeadSendsTheHeaderOnly) {
  Client client = Connect();
  client.Send("HEAD /large HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!client.received.contains("\r\n\r\n") && client.Receive()) {
  }
  EXPECT_EQ(client.received, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5242880\r\n\r\n");
  client.received.clear();
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpServerTest, NoContentHasNoBody) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"), "204 ");
  EXPECT_EQ(client.head, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpServerTest, SendsLargeAnswersWhole) {
  Client client = Connect();
  EXPECT_EQ(client.Ask("GET /large HTTP/1.1\r\nHost: h\r\n\r\n"), "200 " + std::string(5 << 20, 'x'));
}

TEST_F(HttpServerTest, ABrokenHandlerIsAnswered500) {
  Client client = Connect();
  for (const char* path : {"/throw", "/throw-on-worker", "/abandon"}) {
    EXPECT_EQ(client.Ask("GET "s + path + " HTTP/1.1\r\nHost: h\r\n\r\n"), "500 internal error\n") << path;
  }
  EXPECT_EQ(client.Ask("GET /split HTTP/1.1\r\nHost: h\r\n\r\n"), "500 ");
  EXPECT_FALSE(client.head.contains("X-B"));
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpServerTest, ContinuesOnlyWhatItWillTake) {
  options_.limits.body_bytes_max = 10;
  Client client = Connect();
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"), "100 ");
  EXPECT_EQ(client.head, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.Ask("hi"), "200 POST /echo hi");
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"),
            "413 the body is larger than 10 bytes\n");
  Client other = Connect();
  EXPECT_EQ(other.Ask("POST /none HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
            "404 there is nothing at this path\n");
}

TEST_F(HttpServerTest, SurvivesAClientThatLeavesWhileItsHandlerRuns) {
  {
    Client client = Connect();
    client.Send("POST /keep HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na");
  }
  std::vector<Respond> kept = TakeKept(1);
  kept.front()(Text(std::string(1 << 20, 'x')));
  Client other = Connect();
  EXPECT_EQ(other.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpServerTest, AnsweringTwiceIsABug) {
  router_.Add("GET", "/twice", RunOn::kIoThread, [](const Request&, const Respond& respond) {
    respond(Text("once"));
    respond(Text("twice"));
  });
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Connect().Ask("GET /twice HTTP/1.1\r\nHost: h\r\n\r\n"), "CHECK failed");
}

TEST(HttpServerListen, SaysWhyItCannotListen) {
  const Router router;
  HttpServer server({}, router);
  const std::string first = server.Listen("127.0.0.1", 0).value();
  const auto port = static_cast<std::uint16_t>(std::stoi(first.substr(10)));
  const auto taken = server.Listen("127.0.0.1", port);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(taken.error().message, first + " is already in use");
  for (const char* host : {"", "not a host", "300.1.1.1", "192.0.2.1"}) {  // the last one is nobody's (RFC 5737)
    const auto wrong = server.Listen(host, 0);
    ASSERT_FALSE(wrong) << host;
    EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument) << host;
  }
}

TEST(HttpServerListen, TakesNamesSeveralListenersAndIpv6) {
  const Router router;
  HttpServer server({}, router);
  EXPECT_TRUE(server.Listen("localhost", 0).value().starts_with("127.0.0.1:"));
  const auto v6 = server.Listen("::1", 0);
  if (v6) {
    EXPECT_TRUE(v6->starts_with("[::1]:"));
  } else {
    EXPECT_EQ(v6.error().code, ErrorCode::kInvalidArgument) << "a machine without IPv6 has no such address";
  }
  server.Stop(std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace nightjar::server
