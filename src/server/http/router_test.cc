#include "server/http/router.h"

#include <gtest/gtest.h>

#include "server/http/internal/target.h"

namespace nightjar::server {
namespace {

// Adds a route whose handler answers with `name`, so that a test sees which one was found.
void AddNamed(Router& router, const std::string& method, const std::string& pattern, const std::string& name) {
  router.Add(method, pattern, RunOn::kIoThread, [name](const Request&, const Respond& respond) {
    respond({.content_type = "", .body = name, .headers = {}});
  });
}

// "name(param,param)", or "404", or "405 allowed methods".
std::string Found(const Router& router, std::string_view method, std::string_view path) {
  const Router::Match match = router.Find(method, path);
  if (match.handler == nullptr)
    return std::to_string(match.refusal.status) + (match.allow.empty() ? "" : " ") + match.allow;
  std::string text;
  (*match.handler)({}, [&](const Response& response) { text = response.body; });
  text += "(";
  for (const std::string& param : match.path_params) text += (text.ends_with('(') ? "" : ",") + param;
  return text + ")";
}

class RouterTest : public testing::Test {
 protected:
  void SetUp() override {
    AddNamed(router_, "GET", "/{*path}", "app");
    AddNamed(router_, "GET", "/assets/{*path}", "assets");
    AddNamed(router_, "POST", "/v1/traces", "ingest");
    AddNamed(router_, "GET", "/v1/things/{id}", "thing");
    AddNamed(router_, "DELETE", "/v1/things/{id}", "delete");
    AddNamed(router_, "POST", "/v1/things/search", "search");
    AddNamed(router_, "GET", "/v1/things/latest", "latest");
    AddNamed(router_, "GET", "/v1/{kind}/{id}/notes", "notes");
  }
  Router router_;
};

TEST_F(RouterTest, FindsLiteralsPlaceholdersAndRest) {
  EXPECT_EQ(Found(router_, "POST", "/v1/traces"), "ingest()");
  EXPECT_EQ(Found(router_, "GET", "/v1/things/7"), "thing(7)");
  EXPECT_EQ(Found(router_, "GET", "/v1/things/latest"), "latest()");
  EXPECT_EQ(Found(router_, "GET", "/v1/a/b/notes"), "notes(a,b)");
  EXPECT_EQ(Found(router_, "GET", "/assets/js/app.js"), "assets(js/app.js)");
  EXPECT_EQ(Found(router_, "GET", "/assets/"), "assets()");
  EXPECT_EQ(Found(router_, "GET", "/"), "app()");
  EXPECT_EQ(Found(router_, "GET", "/p/default/traces"), "app(p/default/traces)");
}

TEST_F(RouterTest, AMethodOfAMoreSpecificPatternDoesNotHideAPlaceholder) {
  EXPECT_EQ(Found(router_, "GET", "/v1/things/search"), "thing(search)");
}

TEST_F(RouterTest, ARestDoesNotAnswerForAKnownPath) { EXPECT_EQ(Found(router_, "GET", "/v1/traces"), "405 POST"); }

TEST_F(RouterTest, ARestDoesNotSayWhatExists) {
  EXPECT_EQ(Found(router_, "POST", "/"), "404");
  EXPECT_EQ(Found(router_, "POST", "/v1/trace"), "404");
  EXPECT_EQ(Found(router_, "PUT", "/assets/app.js"), "404");
}

TEST_F(RouterTest, EncodedSlashStaysInItsSegment) {
  EXPECT_EQ(Found(router_, "GET", "/v1/things/a%2Fb%20c"), "thing(a/b c)");
  EXPECT_EQ(Found(router_, "POST", "/v1/tr%61ces"), "ingest()");
}

TEST_F(RouterTest, HeadMatchesGet) { EXPECT_EQ(Found(router_, "HEAD", "/v1/things/7"), "thing(7)"); }

TEST_F(RouterTest, RefusesUnknownMethodsWithTheAllowedOnes) {
  EXPECT_EQ(Found(router_, "PUT", "/v1/things/7"), "405 DELETE, GET, HEAD");
  EXPECT_EQ(Found(router_, "PUT", "/v1/things/search"), "405 DELETE, GET, HEAD, POST");
}

TEST(Router, RefusesUnknownPaths) {
  Router router;
  AddNamed(router, "GET", "/a/{id}", "a");
  EXPECT_EQ(Found(router, "GET", "/a"), "404");
  EXPECT_EQ(Found(router, "GET", "/a/"), "404");  // a placeholder takes no empty segment
  EXPECT_EQ(Found(router, "GET", "/a/1/"), "404");
  EXPECT_EQ(Found(router, "GET", "*"), "404");
  EXPECT_EQ(Found(router, "GET", ""), "404");
}

TEST(Router, TheLongestPrefixWordsARefusal) {
  Router router;
  const auto named = [](const std::string& name) {
    return [name](const Request&, const Refusal& refusal) {
      return Response{.status = refusal.status, .content_type = name, .body = refusal.message, .headers = {}};
    };
  };
  Request request;
  request.path = "/v1/traces";
  EXPECT_EQ(router.Refuse(request, {400, "bad"}).body, "bad\n");
  router.AddRefusal("/v1/traces", named("traces"));
  router.AddRefusal("", named("all"));
  router.AddRefusal("/v1/", named("v1"));
  EXPECT_EQ(router.Refuse(request, {400, "bad"}).content_type, "traces");
  request.path = "/v1/logs";
  EXPECT_EQ(router.Refuse(request, {400, "bad"}).content_type, "v1");
  request.path = "";
  EXPECT_EQ(router.Refuse(request, {400, "bad"}).content_type, "all");
}

TEST(RouterDeathTest, TheSamePatternTwiceIsABug) {
  Router router;
  AddNamed(router, "GET", "/a/{id}", "first");
  EXPECT_DEATH(AddNamed(router, "GET", "/a/{name}", "second"), "CHECK failed");
}

TEST(Request, FirstHeaderOfThatNameWithoutCase) {
  Request request;
  request.headers = {{"Content-Type", "a"}, {"content-type", "b"}};
  EXPECT_EQ(request.header("CONTENT-TYPE"), "a");
  EXPECT_EQ(request.header("Accept"), "");
}

TEST(Target, SplitsAndDecodes) {
  const auto target = internal::ParseTarget("/a%20b+c/d?q=x%3D1+2&q=3&&empty&n%C3%A9=%26#fragment");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->encoded_path, "/a%20b+c/d");
  EXPECT_EQ(target->path, "/a b+c/d");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"q", "x=1 2"}, {"q", "3"}, {"empty", ""}, {"n\xC3\xA9", "&"}};
  EXPECT_EQ(target->query, expected);
  Request request;
  request.query = target->query;
  EXPECT_EQ(request.query_param("q"), "x=1 2");
  EXPECT_EQ(request.query_param("none"), "");
}

TEST(Target, TakesTheAbsoluteForm) {
  EXPECT_EQ(internal::ParseTarget("http://h:1/x?y=1")->path, "/x");
  EXPECT_EQ(internal::ParseTarget("http://h")->path, "/");
  EXPECT_EQ(internal::ParseTarget("http://h?y=1")->query.size(), 1U);
}

TEST(Target, RejectsWhatIsNoPath) {
  for (const char* text :
       {"", "*", "example.org:443", "/%", "/%4", "/%zz", "/%00", "/%FF", "/a?b=%", "/a?%zz=1", "/a?b=%C3"}) {
    EXPECT_FALSE(internal::ParseTarget(text)) << text;
  }
}

}  // namespace
}  // namespace nightjar::server
