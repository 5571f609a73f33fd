#include "app/answers.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <iostream>
#include <string>

#include "base/json.h"

namespace nightjar::app {

Error RefusalOf(const client::HttpAnswer& answer) {
  if (const Result<json::value> body = ParseJson(answer.body); body && body->is_object())
    if (const json::value* error = body->get_object().if_contains("error"); error != nullptr && error->is_object())
      if (const json::value* message = error->get_object().if_contains("message");
          message != nullptr && message->is_string())
        return {ErrorCode::kInvalidArgument, std::string(message->get_string())};
  return {ErrorCode::kUnavailable, fmt::format("the server answered with status {}", answer.status)};
}

void TellPending(std::uint64_t requests) {
  if (requests == 0) return;
  std::cerr << fmt::format("nightjar: what {} acknowledged request{} brought is missing here, it is not stored yet\n",
                           requests, requests == 1 ? "" : "s");
}

}  // namespace nightjar::app
