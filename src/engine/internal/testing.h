// What the tests of the engine's process share: folders, and HTTP written by hand on its socket.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "engine/supervisor.h"

namespace nightjar::engine {

namespace fs = std::filesystem;

constexpr int kAttempts = 3000;  // of 10 ms, when waiting for another process

inline fs::path LibraryPath() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path root = cache != nullptr ? fs::path(cache) : fs::path(home == nullptr ? "" : home) / ".cache";
  return root / "nightjar" / "engine-26.7.3-stable.1" / "libchdb.so";
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "nightjar_engine_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  TemporaryFolder(TemporaryFolder&&) = delete;
  ~TemporaryFolder() { fs::remove_all(path); }
  fs::path path;
};

inline EngineOptions OptionsIn(const fs::path& folder) {
  return {.program = fs::read_symlink("/proc/self/exe"),
          .library = LibraryPath(),
          .data_path = folder / "engine",
          .socket_path = folder / "engine.sock"};
}

struct Reply {
  std::string head;
  std::string body;
  bool whole = false;  // its length or its last chunk was seen
  [[nodiscard]] int status() const { return head.size() < 12 ? 0 : std::stoi(head.substr(9, 3)); }
};

inline std::string Hex(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    out += '%';
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// One request on a connection of its own, byte by byte as HTTP/1.1 says it.
class Exchange {
 public:
  Exchange(const fs::path& socket_path, const std::string& request) : file_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strcpy(address.sun_path, socket_path.c_str());
    connected_ = connect(file_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    for (std::size_t sent = 0; connected_ && sent < request.size();) {
      const ssize_t count = send(file_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
  }
  Exchange(Exchange&&) = delete;
  ~Exchange() { close(file_); }

  Reply ReadToEnd() {
    std::string bytes;
    char piece[65536];
    for (ssize_t count = 0; connected_ && (count = read(file_, piece, sizeof(piece))) > 0;) bytes.append(piece, count);
    Reply reply;
    const std::size_t head_end = bytes.find("\r\n\r\n");
    if (head_end == std::string::npos) return reply;
    reply.head = bytes.substr(0, head_end + 2);
    const std::string rest = bytes.substr(head_end + 4);
    if (reply.head.find("Transfer-Encoding: chunked") == std::string::npos) {
      reply.body = rest;
      reply.whole = true;
      return reply;
    }
    for (std::size_t at = 0; at < rest.size();) {
      const std::size_t line_end = rest.find("\r\n", at);
      const std::size_t length = std::stoul(rest.substr(at, line_end - at), nullptr, 16);
      reply.whole = length == 0;
      reply.body += rest.substr(line_end + 2, length);
      at = line_end + 2 + length + 2;
    }
    return reply;
  }

 private:
  const int file_;
  bool connected_ = false;
};

inline std::string PostText(const std::string& target, const std::string& body) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: engine\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

inline Reply Post(const EngineOptions& engine, const std::string& target, const std::string& body) {
  return Exchange(engine.socket_path, PostText(target, body)).ReadToEnd();
}

inline Reply Ask(const EngineOptions& engine, const std::string& path) {
  return Exchange(engine.socket_path, "GET " + path + " HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n")
      .ReadToEnd();
}

inline std::string Rows(const EngineOptions& engine, const std::string& sql) {
  return Post(engine, "/?default_format=JSONEachRow", sql).body;
}

// Two rows of one column "a" of UInt64: 7 and 258.
inline std::string TwoRowBlock() {
  return std::string(
      "\x01\x02\x01"
      "a\x06"
      "UInt64"
      "\x07\0\0\0\0\0\0\0"
      "\x02\x01\0\0\0\0\0\0",
      27);
}

inline std::string InsertTarget(const std::string& token) {
  return "/?query=" +
         Hex("INSERT INTO nightjar.t (a) SETTINGS insert_deduplication_token='" + token + "' FORMAT Native");
}

// Waits for the end of any process.
inline bool Ends(pid_t pid) {
  const auto file = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (file < 0) return errno == ESRCH;
  pollfd wait{file, POLLIN, 0};
  const bool ended = poll(&wait, 1, 10'000) == 1;
  close(file);
  return ended;
}

template <typename Condition>
bool Eventually(Condition condition) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace nightjar::engine
