#include "server/ui_routes.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <string>
#include <string_view>

#include "base/check.h"
#include "server/errors.h"
#include "ui_assets.h"

namespace nightjar::server {
namespace {

constexpr std::string_view kNoncePlace = "__NONCE__";
constexpr std::string_view kThemePlace = "__THEME__";

std::string NewNonce() {
  std::array<unsigned char, 18> random{};
  CHECK(RAND_bytes(random.data(), random.size()) == 1);
  std::array<unsigned char, 25> text{};  // 18 bytes are 24 base64 characters, and a NUL
  EVP_EncodeBlock(text.data(), random.data(), random.size());
  return reinterpret_cast<const char*>(text.data());
}

std::string ContentSecurityPolicy(const std::string& nonce) {
  return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
         "'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; "
         "form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; "
         "trusted-types app 'allow-duplicates'";
}

// The theme the person chose, or "" to follow the system.
std::string_view ThemeOf(const Request& request) {
  const std::string_view cookies = request.header("cookie");
  for (const std::string_view theme : {"light", "dark"}) {
    const std::string wanted = "nightjar_theme=" + std::string(theme);
    for (std::size_t at = cookies.find(wanted); at != std::string_view::npos; at = cookies.find(wanted, at + 1)) {
      const bool begins = at == 0 || cookies[at - 1] == ' ' || cookies[at - 1] == ';';
      const std::size_t end = at + wanted.size();
      if (begins && (end == cookies.size() || cookies[end] == ';')) return theme;
    }
  }
  return "";
}

void ReplaceAll(std::string_view place, std::string_view value, std::string& text) {
  for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
    text.replace(at, place.size(), value);
}

void AddSafetyHeaders(Response& response) {
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
}

Response PageResponse(const Request& request) {
  const ui::Asset* page = ui::FindAsset("/index.html");
  CHECK(page != nullptr);
  const std::string nonce = NewNonce();
  Response response;
  response.content_type = page->content_type;
  response.body = page->identity;
  ReplaceAll(kNoncePlace, nonce, response.body);
  ReplaceAll(kThemePlace, ThemeOf(request), response.body);
  response.headers = {{"Content-Security-Policy", ContentSecurityPolicy(nonce)}, {"Cache-Control", "no-store"}};
  AddSafetyHeaders(response);
  return response;
}

bool Accepts(const Request& request, std::string_view encoding) {
  return request.header("accept-encoding").find(encoding) != std::string_view::npos;
}

Response AssetResponse(const Request& request, const ui::Asset& asset) {
  Response response;
  response.content_type = asset.content_type;
  response.headers = {{"ETag", std::string(asset.etag)}, {"Vary", "Accept-Encoding"}};
  const bool hashed_name = asset.path.starts_with("/assets/");
  response.headers.push_back({"Cache-Control", hashed_name ? "public, max-age=31536000, immutable" : "no-cache"});
  AddSafetyHeaders(response);
  if (request.header("if-none-match") == asset.etag) {
    response.status = 304;
  } else if (!asset.brotli.empty() && Accepts(request, "br")) {
    response.headers.push_back({"Content-Encoding", "br"});
    response.body = asset.brotli;
  } else if (!asset.gzip.empty() && Accepts(request, "gzip")) {
    response.headers.push_back({"Content-Encoding", "gzip"});
    response.body = asset.gzip;
  } else {
    response.body = asset.identity;
  }
  return response;
}

Response UiResponse(const Request& request) {
  if (request.path != "/index.html")
    if (const ui::Asset* asset = ui::FindAsset(request.path)) return AssetResponse(request, *asset);
  const std::string_view path = request.path;
  // Below /p/ stand names that senders chose: a project or session may well be called "shop.example.com".
  const bool names_file =
      !path.starts_with("/p/") && path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
  if (path.starts_with("/api/") || path.starts_with("/v1/") || path.starts_with("/assets/") || names_file)
    return RefusalResponse({404, "nothing is at " + request.path});
  return PageResponse(request);
}

}  // namespace

void AddUiRoutes(Router& router) {
  router.Add("GET", "/{*path}", RunOn::kIoThread,
             [](const Request& request, const Respond& respond) { respond(UiResponse(request)); });
}

}  // namespace nightjar::server
