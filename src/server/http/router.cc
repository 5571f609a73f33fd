#include "server/http/router.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "server/http/internal/target.h"

namespace nightjar::server {
namespace {

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool IsPlaceholder(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

}  // namespace

void Router::Add(std::string method, std::string_view pattern, RunOn where, Handler handler) {
  CHECK(pattern.starts_with('/'));
  CHECK(handler != nullptr);
  Route route{.method = std::move(method),
              .pattern = std::string(pattern),
              .segments = {},
              .where = where,
              .handler = std::move(handler)};
  for (const std::string_view segment : Split(pattern)) {
    CHECK(!HasRest(route));  // a rest is the last segment
    if (!IsPlaceholder(segment)) {
      route.segments.push_back({SegmentKind::kLiteral, std::string(segment)});
    } else {
      route.segments.push_back({segment[1] == '*' ? SegmentKind::kRest : SegmentKind::kPlaceholder, ""});
    }
  }
  CHECK(std::ranges::none_of(routes_,
                             [&](const Route& r) { return r.method == route.method && r.segments == route.segments; }));
  routes_.push_back(std::move(route));
}

std::vector<std::pair<std::string, std::string>> Router::Patterns() const {
  std::vector<std::pair<std::string, std::string>> patterns;
  for (const Route& route : routes_) patterns.emplace_back(route.method, route.pattern);
  return patterns;
}

void Router::AddRefusal(std::string prefix, RefusalHandler handler) {
  CHECK(handler != nullptr);
  refusals_.emplace_back(std::move(prefix), std::move(handler));
}

bool Router::HasRest(const Route& route) {
  return !route.segments.empty() && route.segments.back().kind == SegmentKind::kRest;
}

std::optional<std::vector<std::string>> Router::Params(const Route& route, std::string_view path) {
  const std::vector<std::string_view> parts = Split(path);
  const std::size_t fixed = route.segments.size() - (HasRest(route) ? 1 : 0);
  if (HasRest(route) ? parts.size() <= fixed : parts.size() != fixed) return std::nullopt;

  std::vector<std::string> params;
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const Segment& segment = route.segments[i];
    const bool rest = segment.kind == SegmentKind::kRest;
    const std::string_view encoded = rest ? path.substr(parts[i].data() - path.data()) : parts[i];
    std::optional<std::string> text = internal::PercentDecode(encoded, internal::Plus::kIsPlus);
    if (!text) return std::nullopt;
    if (segment.kind == SegmentKind::kLiteral) {
      if (*text != segment.literal) return std::nullopt;
      continue;
    }
    if (text->empty() && !rest) return std::nullopt;
    params.push_back(*std::move(text));
  }
  return params;
}

Router::Match Router::Find(std::string_view method, std::string_view path) const {
  if (method == "HEAD") method = "GET";
  // How a route ends decides which others it hides, whatever their methods: no rest hides a rest, a long rest a short.
  const auto rank = [](const Route& route) { return HasRest(route) ? route.segments.size() : SIZE_MAX; };
  std::size_t best_rank = 0;
  const Route* best = nullptr;
  Match match;
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    std::optional<std::vector<std::string>> params;
    if (path.starts_with('/') && rank(route) >= best_rank) params = Params(route, path);
    if (!params) continue;
    if (rank(route) > best_rank) {
      best_rank = rank(route);
      best = nullptr;
      allowed.clear();
    }
    if (!HasRest(route)) allowed.insert(route.method);
    if (!HasRest(route) && route.method == "GET") allowed.insert("HEAD");
    if (route.method != method || (best != nullptr && best->segments < route.segments)) continue;
    best = &route;
    match.path_params = *std::move(params);
  }

  if (best != nullptr) {
    match.handler = &best->handler;
    match.where = best->where;
    return match;
  }
  match.path_params.clear();
  if (allowed.empty()) {
    match.refusal = {.status = 404, .message = "there is nothing at this path"};
    return match;
  }
  for (const std::string& name : allowed) match.allow += (match.allow.empty() ? "" : ", ") + name;
  match.refusal = {.status = 405, .message = "this path takes " + match.allow};
  return match;
}

Response Router::Refuse(const Request& request, const Refusal& refusal) const {
  const RefusalHandler* best = nullptr;
  std::size_t best_length = 0;
  for (const auto& [prefix, handler] : refusals_) {
    if (!request.path.starts_with(prefix) || (best != nullptr && prefix.size() < best_length)) continue;
    best = &handler;
    best_length = prefix.size();
  }
  if (best != nullptr) return (*best)(request, refusal);
  return {.status = refusal.status, .content_type = "text/plain", .body = refusal.message + "\n", .headers = {}};
}

}  // namespace nightjar::server
