// A result on its way to a client that takes it slowly. The engine is a socket that sends as much as it can.
#include "server/engine_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace nightjar::server {
namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kResultBytes = 64 * kMiB;

// Answers one request with 64 MiB.
class GenerousEngine {
 public:
  GenerousEngine() {
    std::string folder = (std::filesystem::temp_directory_path() / "nightjar_stream_XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder;
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strcpy(address.sun_path, socket_path().c_str());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listener_, 1) != 0)
      std::abort();
    thread_ = std::jthread([this] { Serve(); });
  }
  GenerousEngine(const GenerousEngine&) = delete;
  ~GenerousEngine() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::string socket_path() const { return folder_ + "/s"; }

  // Waits until it can send no more for now, or has sent everything.
  void WaitUntilItWaits() const {
    for (std::size_t before = 0, same = 0; same < 20 && sent_ < kResultBytes; std::this_thread::sleep_for(pause_)) {
      const std::size_t now = sent_;
      same = now == before ? same + 1 : 0;
      before = now;
    }
  }

 private:
  void Serve() {
    const int file = accept(listener_, nullptr, nullptr);
    std::string piece(64 << 10, 'x');
    if (file < 0 || read(file, piece.data(), piece.size()) <= 0) return;
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kResultBytes) + "\r\n\r\n";
    send(file, head.data(), head.size(), MSG_NOSIGNAL);
    piece.assign(64 << 10, 'x');
    while (sent_ < kResultBytes && send(file, piece.data(), piece.size(), MSG_NOSIGNAL) > 0) sent_ += piece.size();
    close(file);
  }

  const std::chrono::milliseconds pause_{10};
  std::string folder_;
  int listener_ = -1;
  std::atomic<std::size_t> sent_ = 0;
  std::jthread thread_;
};

TEST(EngineStream, WaitsForAClientThatDoesNotTakeIt) {
  const GenerousEngine engine;
  store::ClickHouse clickhouse({.unix_socket = engine.socket_path()});
  EngineStream stream(clickhouse, {.sql = "SELECT 1", .params = {}, .format = "CSV"});
  std::size_t taken = 0;
  for (int i = 0; i < 3; ++i) {
    engine.WaitUntilItWaits();
    const Result<std::string> piece = stream.Next({});
    ASSERT_TRUE(piece) << piece.error().message;
    EXPECT_LE(piece->size(), 5 * kMiB);  // 4, and what came with the last of them
    taken += piece->size();
  }
  while (taken < kResultBytes) {
    const Result<std::string> piece = stream.Next({});
    ASSERT_TRUE(piece) << piece.error().message;
    ASSERT_FALSE(piece->empty());
    taken += piece->size();
  }
  EXPECT_EQ(taken, kResultBytes);
  const Result<std::string> end = stream.Next({});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(*end, "");
}

}  // namespace
}  // namespace nightjar::server
