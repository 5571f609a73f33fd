// What a handler learns while it runs: that its client has left, or that the server stops.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "server/http/internal/server_fixture.h"

namespace nightjar::server {
namespace {

// A route that answers once its request is abandoned or the test lets it.
class HttpAbandonedTest : public HttpServerTest {
 public:
  HttpAbandonedTest(const HttpAbandonedTest&) = delete;
  ~HttpAbandonedTest() override { Release(); }

 protected:
  HttpAbandonedTest() {
    router_.Add("GET", "/patient", RunOn::kWorker, [this](const Request& request, const Respond& respond) {
      std::unique_lock lock(mutex_);
      ++begun_;
      changed_.notify_all();
      changed_.wait(lock, request.abandoned, [this] { return released_; });
      if (request.abandoned.stop_requested()) ++abandoned_;
      changed_.notify_all();
      respond(Text(request.abandoned.stop_requested() ? "abandoned" : "released"));
    });
  }

  void Release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  bool Reaches(const int& count, int wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return count >= wanted; });
  }

  static constexpr std::string_view kPatient = "GET /patient HTTP/1.1\r\nHost: h\r\n\r\n";

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool released_ = false;
  int begun_ = 0;
  int abandoned_ = 0;
};

TEST_F(HttpAbandonedTest, AClientThatLeavesEndsItsRequest) {
  {
    Client client = Connect();
    client.Send(kPatient);
    ASSERT_TRUE(Reaches(begun_, 1));
  }
  EXPECT_TRUE(Reaches(abandoned_, 1));
}

TEST_F(HttpAbandonedTest, SoDoesOneThatHasSentItsNextRequest) {
  {
    Client client = Connect();
    client.Send(kPatient);
    ASSERT_TRUE(Reaches(begun_, 1));
    client.Send(kGetEcho);
    client.Send(kGetEcho);
  }
  EXPECT_TRUE(Reaches(abandoned_, 1));
}

TEST_F(HttpAbandonedTest, WhatIsSentMeanwhileIsTheNextRequest) {
  Client client = Connect();
  client.Send(kPatient);
  ASSERT_TRUE(Reaches(begun_, 1));
  client.Send("GET /things/2 HTTP/1.1\r\nHost: h\r\n\r\nGET /things/3 HT");
  client.Send("TP/1.1\r\nHost: h\r\n\r\n");
  const std::string many =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x');
  client.Send(many);  // more than the connection reads ahead
  Release();
  EXPECT_EQ(client.Answer(), "200 released");
  EXPECT_EQ(client.Answer(), "200 2,,");
  EXPECT_EQ(client.Answer(), "200 3,,");
  EXPECT_EQ(client.Answer(), "200 POST /echo " + std::string(100'000, 'x'));
}

TEST_F(HttpAbandonedTest, AClientThatOnlyEndsItsSendingGetsItsAnswers) {
  Client client = Connect();
  client.Send(std::string(kPatient) + std::string(kGetEcho));
  client.EndSending();
  EXPECT_EQ(client.Answer(), "200 abandoned");
  EXPECT_EQ(client.Answer(), "200 GET /echo ");
  EXPECT_EQ(client.Answer(), "closed");
}

TEST_F(HttpAbandonedTest, TheStopEndsWhatRunsAfterItsGrace) {
  Client client = Connect();
  client.Send(kPatient);
  ASSERT_TRUE(Reaches(begun_, 1));
  server_->Stop(std::chrono::milliseconds(10));
  EXPECT_EQ(abandoned_, 1);
  EXPECT_EQ(client.Answer(), "closed");
}

}  // namespace
}  // namespace nightjar::server
