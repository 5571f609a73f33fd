// Which handler answers which method and path. Built once at start, then read by every thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/http.h"

namespace nightjar::server {

enum class RunOn {
  kIoThread,  // must not block: it answers at once or hands its work on
  kWorker,    // may block: runs on the worker pool
};

using Handler = std::function<void(const Request&, Respond)>;
// Words an answer for a request that never reached a handler (413, 415, 400 by the transport, 404, 405).
using RefusalHandler = std::function<Response(const Request&, const Refusal&)>;

class Router {
 public:
  // `pattern` is a path whose segments may be placeholders: "/api/v1/traces/{trace_id}". "/assets/{*path}" takes the rest.
  // REQUIRES: no earlier route has the same method and pattern.
  void Add(std::string method, std::string pattern, RunOn where, Handler handler);

  // Answers for refusals below `prefix`; the longest prefix wins. "" is the default for all paths.
  void AddRefusal(std::string prefix, RefusalHandler handler);

  struct Match {
    const Handler* handler = nullptr;  // nullptr: see `refusal`
    RunOn where = RunOn::kIoThread;
    std::vector<std::string> path_params;
    Refusal refusal;                   // 404, or 405 with the allowed methods in `allow`
    std::string allow;
  };
  // HEAD matches GET.
  [[nodiscard]] Match Find(std::string_view method, std::string_view path) const;
  [[nodiscard]] Response Refuse(const Request& request, const Refusal& refusal) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    RunOn where;
    Handler handler;
  };
  std::vector<Route> routes_;
  std::vector<std::pair<std::string, RefusalHandler>> refusals_;
};

}  // namespace nightjar::server
