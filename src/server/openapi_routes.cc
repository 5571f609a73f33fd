#include "server/openapi_routes.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/lower_case.h"
#include "server/openapi_document.h"

namespace nightjar::server {
namespace {

std::string DocumentOf(const Router& router) {
  json::object document = json::parse(kOpenApiDocument).as_object();
  const json::object known = std::move(document["paths"].as_object());
  json::object paths;
  for (const auto& [method, pattern] : router.Patterns()) {
    if (method == "OPTIONS" || pattern.find("{*") != std::string::npos) continue;
    const std::string name = LowerCase(method);
    const json::value* path = known.if_contains(pattern);
    const json::value* operation = path == nullptr ? nullptr : path->as_object().if_contains(name);
    json::value& at = paths[pattern];
    if (!at.is_object()) at.emplace_object();
    at.as_object()[name] = operation == nullptr ? json::object() : *operation;
  }
  document["paths"] = std::move(paths);
  return ToJson(document);
}

}  // namespace

void AddOpenApiRoute(Router& router) {
  const auto text = std::make_shared<std::string>();
  router.Add("GET", "/openapi.json", RunOn::kIoThread, [text](const Request&, const Respond& respond) {
    respond({.content_type = "application/json", .body = *text});
  });
  *text = DocumentOf(router);
}

}  // namespace nightjar::server
