// Bodies that are made while they are sent.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/http/internal/server_fixture.h"

namespace nightjar::server {
namespace {

using std::string_literals::operator""s;

std::string Get(std::string_view path, std::string_view version = "1.1") {
  return "GET " + std::string(path) + " HTTP/" + std::string(version) + "\r\nHost: h\r\n\r\n";
}

Response InPieces(NextPiece next_piece) {
  return {.content_type = "text/plain", .headers = {}, .next_piece = std::move(next_piece)};
}

// Gives these pieces one after the other, then the end.
Response InPieces(std::vector<std::string> pieces) {
  return InPieces([pieces = std::move(pieces), at = 0UZ](const PieceDone& done) mutable {
    done(at < pieces.size() ? pieces[at++] : std::string());
  });
}

// Counts its copies: 0 once the transport has let go of what makes a body.
using Alive = std::shared_ptr<int>;

class HttpPiecesTest : public HttpServerTest {
 protected:
  HttpPiecesTest() {
    for (const auto& [path, where] : {std::pair("/io", RunOn::kIoThread), std::pair("/worker", RunOn::kWorker),
                                      std::pair("/reader", RunOn::kReader)}) {
      router_.Add("GET", path, where,
                  [](const Request&, const Respond& respond) { respond(InPieces({"hello", " world, once more"})); });
    }
    router_.Add("GET", "/empty", RunOn::kWorker,
                [](const Request&, const Respond& respond) { respond(InPieces(std::vector<std::string>())); });
    router_.Add("GET", "/endless", RunOn::kReader, [this](const Request& request, const Respond& respond) {
      abandoned_ = request.abandoned;
      respond(InPieces([this, alive = alive_](const PieceDone& done) {
        ++made_;
        done(std::string(1 << 20, 'x'));
      }));
    });
    router_.Add("GET", "/published", RunOn::kIoThread, [this](const Request& request, const Respond& respond) {
      abandoned_ = request.abandoned;
      respond(InPieces([this, alive = alive_](PieceDone done) {
        const std::lock_guard lock(mutex_);
        wanted_ = std::move(done);
        changed_.notify_all();
      }));
    });
  }

  // What the transport waits for; as a publisher would hold it until it has something.
  PieceDone TakeWanted() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return wanted_ != nullptr; });
    return std::exchange(wanted_, nullptr);
  }
  // Until the transport has let go of the body's maker.
  void WaitForItsEnd() {
    while (alive_.use_count() > 1) std::this_thread::yield();
  }

  std::atomic<int> made_ = 0;
  const Alive alive_ = std::make_shared<int>();
  std::stop_token abandoned_;
  std::mutex mutex_;
  std::condition_variable changed_;
  PieceDone wanted_;
};

TEST_F(HttpPiecesTest, AreChunks) {
  Client client = Connect();
  for (const char* path : {"/io", "/worker", "/reader"}) {
    client.Send(Get(path));
    while (!client.received.ends_with("\r\n0\r\n\r\n") && client.Receive()) {
    }
    EXPECT_EQ(client.received,
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
              "5\r\nhello\r\n11\r\n world, once more\r\n0\r\n\r\n");
    client.received.clear();
  }
  EXPECT_EQ(client.Ask(Get("/worker") + Get("/empty") + std::string(kGetEcho)), "200 hello world, once more");
  EXPECT_EQ(client.Answer(), "200 ");
  EXPECT_EQ(client.Answer(), "200 GET /echo ");
}

TEST_F(HttpPiecesTest, EndWithTheConnectionInHttp10) {
  Client client = Connect();
  client.Send(Get("/worker", "1.0"));
  while (client.Receive()) {
  }
  EXPECT_EQ(client.received,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello world, once more");
}

TEST_F(HttpPiecesTest, AreNotMadeForHead) {
  Client client = Connect();
  client.Send("HEAD /endless HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!client.received.contains("\r\n\r\n") && client.Receive()) {
  }
  EXPECT_EQ(client.received, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.received.clear();
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
  EXPECT_EQ(made_, 0);
  WaitForItsEnd();
}

TEST_F(HttpPiecesTest, BreakOffWhenTheyCannotGoOn) {
  const auto add = [&](const std::string& path, const NextPiece& second) {
    router_.Add("GET", path, RunOn::kWorker, [second](const Request&, const Respond& respond) {
      respond(InPieces([second, first = true](const PieceDone& done) mutable {
        if (std::exchange(first, false)) return done("first");
        second(done);
      }));
    });
  };
  add("/fails", [](const PieceDone& done) { done(Fail(ErrorCode::kUnavailable, "the test ends it")); });
  add("/throws", [](const PieceDone&) { throw std::runtime_error("thrown by the test"); });
  add("/forgets", [](const PieceDone&) {});
  for (const char* path : {"/fails", "/throws", "/forgets"}) {
    Client client = Connect();
    client.Send(Get(path) + std::string(kGetEcho));
    EXPECT_EQ(client.Answer(), "200 first cut off") << path;
    Client old = Connect();
    old.Send(Get(path, "1.0"));
    while (old.Receive()) {
    }
    EXPECT_EQ(errno, ECONNRESET) << path;  // no end that looks like one
  }
}

TEST_F(HttpPiecesTest, AreMadeOnlyAsTheyAreTaken) {
  options_.reader_threads = 1;
  Client client = Connect();
  client.Send(Get("/endless"));
  while (!client.received.contains("xxxx") && client.Receive()) {
  }
  Client other = Connect();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(other.Ask(Get("/reader")), "200 hello world, once more");
  EXPECT_LT(made_, 64);  // what the sockets hold; the only reader is free meanwhile
}

TEST_F(HttpPiecesTest, EndWithAClientThatDoesNotRead) {
  options_.limits.write_timeout = std::chrono::milliseconds(50);
  Client client = Connect();
  client.Send(Get("/endless"));
  while (!client.received.contains("xxxx") && client.Receive()) {
  }
  WaitForItsEnd();
  EXPECT_TRUE(abandoned_.stop_requested());
  EXPECT_LT(made_, 64);
}

TEST_F(HttpPiecesTest, ComeWhenTheyArePublished) {
  Client client = Connect();
  client.Send(Get("/published"));
  TakeWanted()("one");
  while (!client.received.ends_with("3\r\none\r\n") && client.Receive()) {
  }
  EXPECT_TRUE(client.received.ends_with("3\r\none\r\n"));
  TakeWanted()("two");
  TakeWanted()("");
  EXPECT_EQ(client.Answer(), "200 onetwo");
  EXPECT_EQ(client.Ask(kGetEcho), "200 GET /echo ");
}

TEST_F(HttpPiecesTest, ThePublisherLearnsThatTheClientHasLeft) {
  PieceDone wanted;
  std::stop_token abandoned;
  {
    Client client = Connect();
    client.Send(Get("/published"));
    wanted = TakeWanted();
    abandoned = abandoned_;
  }
  while (!abandoned.stop_requested()) std::this_thread::yield();
  wanted("too late");
  wanted = nullptr;
  // Told or not, the next write or read ends it.
  if (alive_.use_count() > 1) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(1), [&] { return wanted_ != nullptr; });
    wanted_ = nullptr;
  }
  WaitForItsEnd();
}

TEST_F(HttpPiecesTest, EndWithTheServer) {
  Client client = Connect();
  client.Send(Get("/published"));
  PieceDone wanted = TakeWanted();
  server_->Stop(std::chrono::milliseconds(10));
  EXPECT_TRUE(abandoned_.stop_requested());
  EXPECT_EQ(client.Answer().substr(0, 11), "200  cut off"s.substr(0, 11));
  server_.reset();
  wanted("too late, and nobody minds");
}

}  // namespace
}  // namespace nightjar::server
