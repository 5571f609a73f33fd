// What can be decided about a request from its head alone, before its body is read.
#pragma once

#include <optional>
#include <string_view>

#include "server/http/http.h"
#include "server/http/internal/content_coding.h"
#include "server/http/internal/exchange.h"
#include "server/http/router.h"

namespace nightjar::server::internal {

enum class HttpVersion { k10, k11 };

struct Admission {
  Router::Match route;
  std::optional<ContentCoding> coding;  // of the body
  bool wants_continue = false;          // the client waits for "100 Continue" before it sends the body
};

// Takes a request whose method, headers, path and query are set; sets its path_params. `encoded_path` is the path as
// sent. On a refusal of the framing, where the next request begins is not known: the connection must be closed.
std::optional<Refused> Admit(Request& request, HttpVersion version, std::string_view encoded_path, const Router& router,
                             Admission& admission);

}  // namespace nightjar::server::internal
