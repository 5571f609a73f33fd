// Which handler answers which method and path. Built once at start, then read by every thread.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/http.h"

namespace nightjar::server {

enum class RunOn {
  kIoThread,  // must not block: it answers at once or hands its work on
  kWorker,    // may block: runs on the worker pool
  kReader,    // waits for the engine: runs on a pool of its own, so that questions never keep spans out
};

// The request stays valid while the handler runs and while any copy of its Respond exists. An exception is logged and
// answered with 500.
using Handler = std::function<void(const Request&, Respond)>;
// Words an answer for a request that never reached a handler (413, 415, 400 by the transport, 404, 405). Runs on an I/O
// thread and must not block. The request may be incomplete: no body, and no path when the request line was unreadable.
using RefusalHandler = std::function<Response(const Request&, const Refusal&)>;

class Router {
 public:
  // `pattern` is a path whose segments may be placeholders: "/api/v1/traces/{trace_id}" takes one segment that is not
  // empty, "/assets/{*path}" takes the rest, also when it is empty. Between patterns that match the same path, one
  // without a rest hides those with a rest, a longer one hides a shorter rest, and a literal segment goes before a
  // placeholder. A path that only a rest matches may or may not be something: to another method it is 404, not 405.
  // REQUIRES: no earlier route has the same method and pattern, whatever its placeholders are called.
  void Add(std::string method, std::string_view pattern, RunOn where, Handler handler);

  // Answers for refusals of paths that start with `prefix`; the longest prefix wins. "" is the default for all paths;
  // without it the transport answers with the message as plain text.
  void AddRefusal(std::string prefix, RefusalHandler handler);

  // Method and pattern of every route, in the order in which they were added.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Patterns() const;

  struct Match {
    const Handler* handler = nullptr;  // nullptr: see `refusal`
    RunOn where = RunOn::kIoThread;
    std::vector<std::string> path_params;
    Refusal refusal;    // 404, or 405 with the allowed methods in `allow`
    std::string allow;  // "GET, HEAD"
  };
  // HEAD matches GET. `path` is percent-encoded, as sent, so that "%2F" inside a segment does not divide it.
  [[nodiscard]] Match Find(std::string_view method, std::string_view path) const;
  [[nodiscard]] Response Refuse(const Request& request, const Refusal& refusal) const;

 private:
  enum class SegmentKind { kLiteral, kPlaceholder, kRest };  // in the order in which they are preferred
  struct Segment {
    SegmentKind kind;
    std::string literal;
    auto operator<=>(const Segment&) const = default;
  };
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<Segment> segments;
    RunOn where;
    Handler handler;
  };

  static std::optional<std::vector<std::string>> Params(const Route& route, std::string_view path);
  static bool HasRest(const Route& route);

  std::vector<Route> routes_;
  std::vector<std::pair<std::string, RefusalHandler>> refusals_;
};

}  // namespace nightjar::server
