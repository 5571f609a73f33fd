// How `nightjar backup` asks a running server to freeze its tables: a Unix socket in the data directory, which only its
// owner may connect to. The server answers a connection with one line of JSON, a Frozen or {"error": …}, and thaws when
// the connection ends, however that comes.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "backup/frozen.h"
#include "base/result.h"

namespace nightjar::backup {

std::filesystem::path FreezeSocket(const std::filesystem::path& data_dir);

// The server's side: one connection at a time, on a thread of its own, until destroyed.
class FreezeService {
 public:
  // May wait; ends soon once it is asked to stop.
  using FreezeNow = std::function<Result<Frozen>(const std::stop_token& stop)>;

  // Removes what a former process left frozen. REQUIRES: this process has the data directory.
  static Result<std::unique_ptr<FreezeService>> Start(const std::filesystem::path& data_dir, FreezeNow freeze);
  ~FreezeService();

 private:
  FreezeService(int listener, int stop_event, FreezeNow freeze);
  void Run(const std::stop_token& stop);
  void ServeOne(int connection, const std::stop_token& stop);

  const int listener_;
  const int stop_event_;
  const FreezeNow freeze_;
  std::jthread thread_;
};

// The other side. Holds the connection, and so the frozen tables, until destroyed.
class FrozenByServer {
 public:
  // kNotFound: no server runs on the directory.
  static Result<FrozenByServer> Ask(const std::filesystem::path& data_dir);
  FrozenByServer(FrozenByServer&& other) noexcept;
  FrozenByServer& operator=(FrozenByServer&&) = delete;
  ~FrozenByServer();

  [[nodiscard]] const Frozen& frozen() const { return frozen_; }

 private:
  explicit FrozenByServer(int connection) : connection_(connection) {}

  int connection_;
  Frozen frozen_;
};

}  // namespace nightjar::backup
