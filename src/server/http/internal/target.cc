#include "server/http/internal/target.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"

namespace nightjar::server::internal {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "http://host/path" -> "/path"; other text stays as it is.
std::string_view OriginForm(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::size_t path = text.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : text.substr(path);
  }
  return text;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kIsSpace) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!IsValidUtf8(out)) return std::nullopt;
  return out;
}

Result<Target> ParseTarget(std::string_view text) {
  text = OriginForm(text.substr(0, text.find('#')));
  Target target;
  const std::size_t question = text.find('?');
  target.encoded_path = question == 0 ? "/" : text.substr(0, question);
  if (!target.encoded_path.starts_with('/')) {
    return Fail(ErrorCode::kInvalidArgument, "the request target is not a path");
  }
  std::optional<std::string> path = PercentDecode(target.encoded_path, Plus::kIsPlus);
  if (!path || path->find('\0') != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, "the path is not percent-encoded UTF-8");
  }
  target.path = *std::move(path);
  if (question == std::string_view::npos) return target;

  std::string_view rest = text.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::optional<std::string> name = PercentDecode(pair.substr(0, equals), Plus::kIsSpace);
    std::optional<std::string> value =
        equals == std::string_view::npos ? "" : PercentDecode(pair.substr(equals + 1), Plus::kIsSpace);
    if (!name || !value) return Fail(ErrorCode::kInvalidArgument, "the query is not percent-encoded UTF-8");
    target.query.emplace_back(*std::move(name), *std::move(value));
  }
  return target;
}

}  // namespace nightjar::server::internal
