// Any request target: what ParseTarget takes must be a path that the router can look up.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "server/http/internal/target.h"
#include "server/http/router.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nightjar::server;
  static const Router router = [] {
    Router made;
    for (const char* pattern : {"/", "/a/{id}", "/a/{id}/b", "/c/{*rest}"}) {
      made.Add("GET", pattern, RunOn::kIoThread, [](const Request&, const Respond&) {});
    }
    return made;
  }();

  const auto target = internal::ParseTarget({reinterpret_cast<const char*>(bytes), size});
  if (!target) return 0;
  CHECK(target->path.starts_with('/'));
  CHECK(nightjar::IsValidUtf8(target->path));
  const Router::Match match = router.Find("GET", target->encoded_path);
  CHECK((match.handler == nullptr) == (match.refusal.message != ""));
  return 0;
}
