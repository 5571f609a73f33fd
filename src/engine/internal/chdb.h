// libchdb's C interface (26.7), loaded at run time. The package has no header; the declarations are in chdb.cc.
//
// Library outlives every Connection, a Connection every Output, Stream and Insert made from it. A connection runs one
// statement at a time and belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/internal/request_url.h"

namespace nightjar::engine {

struct ChdbFunctions;

// One result, or one chunk of a streamed one. Owns the engine's buffer.
class Output {
 public:
  Output(const ChdbFunctions& functions, void* handle) : functions_(&functions), handle_(handle) {}
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();

  [[nodiscard]] std::string error() const;       // the engine's text, empty when it went well
  [[nodiscard]] std::string_view bytes() const;  // valid as long as this object

 private:
  friend class Connection;
  friend class Stream;
  const ChdbFunctions* functions_;
  void* handle_;
};

// A SELECT whose result comes in chunks. Ends (or cancels) the statement when it goes.
class Stream {
 public:
  Stream(const ChdbFunctions& functions, void* connection, Output head);
  Stream(Stream&&) = delete;
  ~Stream();

  // The next chunk; an Output without bytes and without error is the end.
  Output Next();

 private:
  const ChdbFunctions* functions_;
  void* connection_;
  Output head_;
  bool running_;
};

// An insert whose data comes in pieces. Nothing is stored unless Commit() says so; goes back when it was not called.
class Insert {
 public:
  Insert(const ChdbFunctions& functions, void* handle);
  Insert(Insert&&) = delete;
  ~Insert();

  // Each returns the engine's error text, empty when it went well.
  [[nodiscard]] std::string error() const;
  std::string Append(std::string_view bytes);
  std::string Commit();

 private:
  const ChdbFunctions* functions_;
  void* handle_;
  bool committed_ = false;
};

// What the engine's parser says about a text.
enum class StatementClass { kRead, kWrite, kControl, kUnparsed };
struct Classification {
  unsigned statements = 0;
  StatementClass kind = StatementClass::kUnparsed;
};

struct Statement {
  std::string_view sql;
  std::string_view format;
  std::span<const NamedText> parameters;
};

class Connection {
 public:
  Connection(const ChdbFunctions& functions, void* handle, std::vector<NamedText> settings);
  Connection(Connection&&) = delete;
  ~Connection();

  Output Query(const Statement& statement);
  // SELECT only; the engine refuses EXPLAIN, SHOW and DESCRIBE here.
  std::unique_ptr<Stream> OpenStream(const Statement& statement);
  std::unique_ptr<Insert> OpenInsert(std::string_view statement, std::string_view format);
  Classification Classify(std::string_view sql);

  // Runs a statement without interest in its result; the engine's error text, empty when it went well.
  std::string Run(std::string_view sql);

  // The value that a setting has on this connection between statements, as given when it was opened.
  [[nodiscard]] std::optional<std::string> OwnSetting(std::string_view name) const;

 private:
  const ChdbFunctions* functions_;
  void* handle_;  // chdb_connection*, whose target is what statements take
  std::vector<NamedText> settings_;
};

class Library {
 public:
  // Loads the library and leaves the process's signal handlers alone. It is never unloaded.
  static Result<std::unique_ptr<Library>> Load(const std::filesystem::path& path);
  ~Library();

  // `server` counts on the first connection to a directory; `settings` are this connection's own. The directory is
  // locked by the first connection and opened by every one.
  // REQUIRES: data_path is absolute (fsync breaks otherwise)
  Result<std::unique_ptr<Connection>> Connect(const std::filesystem::path& data_path, std::span<const NamedText> server,
                                              std::span<const NamedText> settings) const;

  // Gives back the memory of its code and constants, about 200 MiB once they were touched by starting. What is needed
  // again comes back from the file, or from the kernel's cache of it.
  void ReleasePages() const;

  [[nodiscard]] std::string version() const;

 private:
  Library(std::unique_ptr<ChdbFunctions> functions, void* handle);
  void* const handle_;  // of dlopen
  std::unique_ptr<ChdbFunctions> functions_;
};

}  // namespace nightjar::engine
