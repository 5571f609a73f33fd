#include "engine/internal/session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "engine/internal/request_url.h"
#include "engine/internal/statement.h"

namespace nightjar::engine {
namespace {

constexpr std::chrono::seconds kQueueWaitMax{10};
constexpr std::size_t kStatementBytesMax = 16 << 20;
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

constexpr int kBadArguments = 36;
constexpr int kNotImplemented = 48;
constexpr int kSyntaxError = 62;
constexpr int kReadonly = 164;
constexpr int kTooManyQueries = 202;
constexpr int kAccessDenied = 497;

std::string EngineError(int code, std::string_view text) {
  return fmt::format("Code: {}. DB::Exception: {}", code, text);
}

// Settings of one request on a shared connection: set now, back to the connection's own when it goes.
class ScopedSettings {
 public:
  ScopedSettings(Connection& connection, const std::vector<NamedText>& settings) : connection_(connection) {
    if (settings.empty()) return;
    std::string set;
    for (const auto& [name, value] : settings) {
      const auto own = connection.OwnSetting(name);
      const char* lead = set.empty() ? "SET " : ", ";
      set += lead + name + "=" + QuoteLiteral(value);
      reset_ += lead + name + "=" + (own ? QuoteLiteral(*own) : "DEFAULT");
    }
    error_ = connection.Run(set);  // all or none
    if (!error_.empty()) reset_.clear();
  }
  ScopedSettings(ScopedSettings&&) = delete;
  ~ScopedSettings() {
    if (reset_.empty()) return;
    if (const std::string error = connection_.Run(reset_); !error.empty()) {
      spdlog::error("engine: cannot reset settings: {}", error);
    }
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  Connection& connection_;
  std::string reset_;
  std::string error_;
};

// A failed or killed statement stays in system.processes until its connection runs the next one.
void Cure(Connection& connection) {
  if (const std::string error = connection.Run("SELECT 1"); !error.empty()) {
    spdlog::error("engine: a connection fails after an error: {}", error);
  }
}

class Session {
 public:
  Session(HttpConnection& http, Admission admission, TelemetryEngine& engine)
      : http_(http), admission_(admission), engine_(engine) {}
  void AnswerOne();

 private:
  void Refuse(const std::string& engine_text);
  void RunPost(const RequestUrl& url);
  void RunInsert(const RequestUrl& url, const StreamedInsert& insert);
  std::string InsertBody(Connection& connection, const StreamedInsert& insert);
  void RunStatement(const RequestUrl& url, const std::string& sql);
  std::string RunClassified(Connection& connection, const Statement& statement, Role role,
                            DisconnectWatcher::Watch& watch);
  std::string SendStream(Connection& connection, const Statement& statement, DisconnectWatcher::Watch& watch);

  HttpConnection& http_;
  const Admission admission_;
  TelemetryEngine& engine_;
};

void Session::Refuse(const std::string& engine_text) {
  const int code = ExceptionCode(engine_text);
  http_.Send({.status = HttpStatus(code), .exception_code = code, .body = engine_text + "\n"});
}

void Session::AnswerOne() {
  const auto url = ParseRequestUrl(http_.target());
  if (!url) return Refuse(EngineError(kBadArguments, url.error().message));
  const std::string method = http_.method();
  if (method == "GET" && url->path == "/ping") return http_.Send({.body = "Ok.\n"});
  if (method == "GET" && url->path == "/_stat") {
    return http_.Send({.content_type = "application/json", .body = engine_.Status()});
  }
  if (method == "POST" && url->path == "/") return RunPost(*url);
  http_.Send({.status = 404, .body = "there is no " + method + " " + url->path + "\n"});
}

void Session::RunPost(const RequestUrl& url) {
  if (admission_ == Admission::kStatusOnly) {
    http_.Close();
    return Refuse(EngineError(kTooManyQueries, "too many clients at once"));
  }
  engine_.CountStatement();
  if (const auto insert = SplitInsert(url.query)) return RunInsert(url, *insert);
  std::string sql = url.query;
  while (true) {
    const std::string_view piece = http_.ReadBody();
    if (piece.empty()) break;
    if (sql.size() + piece.size() > kStatementBytesMax) {
      return Refuse(EngineError(kBadArguments, fmt::format("a statement has at most {} bytes", kStatementBytesMax)));
    }
    sql += piece;
  }
  if (!http_.body_whole()) return http_.Close();
  if (http_.content_type() == kForm) {
    const auto form = ParseRequestUrl("/?" + sql);
    return form ? RunStatement(*form, form->query) : Refuse(EngineError(kBadArguments, form.error().message));
  }
  if (SplitInsert(sql.substr(0, sql.find('\n')))) {
    return Refuse(EngineError(kNotImplemented, "INSERT … FORMAT goes into ?query=, its data into the body"));
  }
  RunStatement(url, sql);
}

void Session::RunInsert(const RequestUrl& url, const StreamedInsert& insert) {
  if (url.role == Role::kUser) return Refuse(EngineError(kReadonly, "only SELECT is allowed here"));
  if (!url.parameters.empty()) return Refuse(EngineError(kNotImplemented, "a streamed INSERT takes no parameters"));
  const auto connection = engine_.inserts().Take(kQueueWaitMax);
  if (!connection) return Refuse(EngineError(kTooManyQueries, "too many inserts at once"));
  std::string error;
  {
    const ScopedSettings settings(*connection, url.settings);
    error = settings.error().empty() ? InsertBody(*connection, insert) : settings.error();
  }
  if (!error.empty()) Cure(*connection);
  if (error.empty()) {
    http_.Send({});
  } else {
    Refuse(error);
  }
}

// A body that was cut is never committed: the rows that arrived would be a part of a batch.
std::string Session::InsertBody(Connection& connection, const StreamedInsert& insert) {
  const auto stream = connection.OpenInsert(insert.statement, insert.format);
  std::string error = stream->error();
  while (error.empty()) {
    const std::string_view piece = http_.ReadBody();
    if (piece.empty()) break;
    error = stream->Append(piece);
  }
  if (!error.empty()) return error;
  if (!http_.body_whole()) return EngineError(kBadArguments, "the body ends before its length");
  return stream->Commit();
}

void Session::RunStatement(const RequestUrl& url, const std::string& sql) {
  const bool user = url.role == Role::kUser;
  if (user && !engine_.sandboxed()) {
    return Refuse(EngineError(kAccessDenied, "statements of users need the sandbox, which is not up here"));
  }
  const auto lease = (user ? engine_.users() : engine_.queries()).Take(kQueueWaitMax);
  if (!lease) return Refuse(EngineError(kTooManyQueries, "too many statements at once"));
  std::unique_ptr<Connection> narrowed;  // filters cannot be set on a connection that is read-only already
  if (!url.row_filters.empty()) {
    auto made = engine_.Narrowed(*lease, url.row_filters);
    if (!made) return Refuse(EngineError(kBadArguments, made.error().message));
    narrowed = std::move(*made);
  }
  Connection& connection = narrowed ? *narrowed : *lease;
  DisconnectWatcher::Watch watch(engine_.watcher(), http_.socket(), connection.OwnSetting(kLogComment).value());
  std::string error;
  {
    const ScopedSettings settings(connection, url.settings);
    error = settings.error();
    if (error.empty()) {
      error = RunClassified(connection, {sql, url.format, url.parameters}, url.role, watch);
    }
  }
  if (!error.empty() || watch.gone() || !http_.open()) Cure(connection);
  if (watch.gone()) return http_.Close();
  if (!error.empty()) Refuse(error);
}

// Sends the answer, or returns the error to answer with.
std::string Session::RunClassified(Connection& connection, const Statement& statement, Role role,
                                   DisconnectWatcher::Watch& watch) {
  const Classification what = connection.Classify(statement.sql);
  if (what.statements > 1) return EngineError(kSyntaxError, "only one statement at a time");
  const std::string first = FirstWord(statement.sql);
  if (first.empty()) return EngineError(kSyntaxError, "the statement begins with no word");
  const bool select = what.kind == StatementClass::kRead && (first == "SELECT" || first == "WITH");
  if (role == Role::kUser && what.kind == StatementClass::kUnparsed) {
    // The streaming call takes nothing but one SELECT, so it is safe to ask for the parser's own words.
    const std::string error = connection.OpenStream(statement)->Next().error();
    return error.empty() ? EngineError(kSyntaxError, "the statement cannot be parsed") : error;
  }
  if (role == Role::kUser && !select) return EngineError(kReadonly, "only SELECT is allowed here");
  // A recursive part that is soon at its end now and then cancels the stream it is part of.
  if (select && StreamsWhole(statement.format) && !HasWord(statement.sql, "FORMAT") &&
      !HasWord(statement.sql, "RECURSIVE")) {
    return SendStream(connection, statement, watch);
  }
  const Output output = connection.Query(statement);
  std::string error = output.error();
  watch.End();
  if (error.empty() && !watch.gone()) {
    http_.Send({.content_type = "application/octet-stream", .body = output.bytes()});
  }
  return error;
}

// The first piece is held back: when it is the only one, the answer has a length, and an error still has its status.
std::string Session::SendStream(Connection& connection, const Statement& statement, DisconnectWatcher::Watch& watch) {
  const auto stream = connection.OpenStream(statement);
  const Output first = stream->Next();
  if (std::string error = first.error(); !error.empty()) return error;
  if (first.bytes().empty()) {
    watch.End();
    http_.Send({.content_type = "application/octet-stream"});
    return {};
  }
  bool head_sent = false;
  while (!watch.gone() && http_.open()) {
    const Output next = stream->Next();
    std::string error = next.error();
    if (!error.empty() && !head_sent) return error;
    if (error.empty() && next.bytes().empty() && !head_sent) {
      watch.End();
      http_.Send({.content_type = "application/octet-stream", .body = first.bytes()});
      return {};
    }
    if (!std::exchange(head_sent, true)) {
      http_.SendHead();
      http_.SendPiece(first.bytes());
    }
    if (!error.empty()) {
      http_.SendPiece("__exception__\n" + error + "\n");
      http_.Close();
      return {};
    }
    if (next.bytes().empty()) {
      watch.End();
      http_.SendEnd();
      return {};
    }
    http_.SendPiece(next.bytes());
  }
  http_.Close();
  return {};
}

}  // namespace

void ServeConnection(HttpConnection& http, Admission admission, TelemetryEngine& engine) {
  Session session(http, admission, engine);
  while (http.ReadHead()) session.AnswerOne();
  http.Shutdown();
}

}  // namespace nightjar::engine
