#include "server/people_routes.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/people_search.h"
#include "server/asked.h"
#include "server/errors.h"
#include "server/query_params.h"
#include "server/text_matches.h"
#include "store/people_list.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kPeopleLimit = {.if_absent = 50, .max = store::kPeopleListLimitMax};

// "<last_unix_ns>-<id>" of the last row of the page before.
Result<std::optional<store::PeoplePosition>> ParsePeopleCursor(std::string_view text) {
  if (text.empty()) return std::optional<store::PeoplePosition>();
  store::PeoplePosition position;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position.last_unix_ns);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || !rest.starts_with('-') || rest.size() == 1)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("cursor \"{}\" is not one that a list gave; leave it out to begin anew", text));
  position.id = rest.substr(1);
  return std::optional(std::move(position));
}

json::object PeopleJson(const store::PeopleSummary& summary, bool is_session) {
  json::object out{{is_session ? "session_id" : "user_id", summary.id},
                   {is_session ? "user_ids" : "session_ids", json::array(summary.others.begin(), summary.others.end())},
                   {is_session ? "user_count" : "session_count", summary.other_count},
                   {"first_unix_ns", std::to_string(summary.first_unix_ns)},
                   {"last_unix_ns", std::to_string(summary.last_unix_ns)},
                   {"trace_count", summary.trace_count},
                   {"span_count", summary.span_count},
                   {"error_count", summary.error_count}};
  AddTotals(summary.totals, out);
  out["last_trace_id"] = summary.last_trace_id.ToHex();
  out["last_input_preview"] = TextOrNull(summary.last_input_preview);
  return out;
}

struct Page {
  std::vector<store::PeopleSummary> people;
  json::value next_cursor;
};

// The latest of all, without looking at what happened before.
Result<Page> Latest(const ApiSources& sources, const Request& request, store::PeopleKey key, std::size_t limit) {
  ASSIGN_OR_RETURN(const std::optional<store::PeoplePosition> after, ParsePeopleCursor(request.query_param("cursor")));
  Page page;
  ASSIGN_OR_RETURN(
      page.people,
      store::PeopleList(sources.clickhouse, OptionsOf(request)).Latest(request.path_params.at(0), key, limit, after));
  if (page.people.size() == limit)
    page.next_cursor = fmt::format("{}-{}", page.people.back().last_unix_ns, page.people.back().id);
  return page;
}

Result<Page> Asked(const ApiSources& sources, const Request& request, const query::PeopleRequest& asked,
                   store::PeopleKey key) {
  ASSIGN_OR_RETURN(const query::PeoplePage found, query::FindPeople(sources.clickhouse, asked, OptionsOf(request)));
  Page page;
  ASSIGN_OR_RETURN(
      page.people,
      store::PeopleList(sources.clickhouse, OptionsOf(request)).Summarize(request.path_params.at(0), key, found.ids));
  if (found.next) page.next_cursor = query::ToText(*found.next, asked.list);
  return page;
}

Result<Response> People(query::ListOf list, const ApiSources& sources, const Request& request,
                        const query::Expression& expression) {
  const store::PeopleKey key = list == query::ListOf::kSessions ? store::PeopleKey::kSession : store::PeopleKey::kUser;
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kPeopleLimit));
  ASSIGN_OR_RETURN(const std::size_t matches_max, ParseMatchesMax(request));
  ASSIGN_OR_RETURN(const query::Window window, ParseWindow(request));
  const std::string_view sort = request.query_param("sort");
  ASSIGN_OR_RETURN(const query::SortOrder order, query::ParseSort(sort.empty() ? "-active" : sort, list));
  const bool is_plain = expression.kind == query::Expression::Kind::kAll && !window.from && !window.to &&
                        order.name == "active" && !order.ascending;
  std::optional<query::Position> after;
  const std::string_view cursor = request.query_param("cursor");
  if (!is_plain && !cursor.empty()) {
    ASSIGN_OR_RETURN(after, query::ParsePosition(cursor, list, order));
  }
  const std::uint64_t pending = sources.wait_for_lists();
  Page page;
  if (is_plain) {
    ASSIGN_OR_RETURN(page, Latest(sources, request, key, limit));
  } else {
    ASSIGN_OR_RETURN(page, Asked(sources, request, {list, expression, window, order, limit, after}, key));
  }
  std::vector<std::string> ids;
  for (const store::PeopleSummary& summary : page.people) ids.push_back(summary.id);
  TextMatches matches(sources, request, expression, matches_max);
  RETURN_IF_ERROR(matches.ReadPeople(list, ids));
  json::array rows;
  for (const store::PeopleSummary& summary : page.people) {
    rows.push_back(PeopleJson(summary, list == query::ListOf::kSessions));
    matches.AddTo(rows.back().get_object(), summary.id);
  }
  return JsonResponse(
      ToJson({{"data", std::move(rows)}, {"next_cursor", std::move(page.next_cursor)}, {"pending_requests", pending}}));
}

}  // namespace

void AddTotals(const store::CallTotals& totals, json::object& out) {
  out["calls"] = totals.calls;
  out["estimated_calls"] = totals.estimated_calls;
  out["impossible_calls"] = totals.impossible_calls;
  out["tokens"] = {{"prompt", NumberOrNull(totals.prompt_tokens)},
                   {"completion", NumberOrNull(totals.completion_tokens)},
                   {"total", NumberOrNull(totals.total_tokens)},
                   {"cache_read", NumberOrNull(totals.cache_read_tokens)},
                   {"cache_write", NumberOrNull(totals.cache_write_tokens)},
                   {"reasoning", NumberOrNull(totals.reasoning_tokens)}};
  out["cost"] = {{"total_usd", NumberOrNull(totals.cost_usd)},
                 {"unpriced_calls", totals.unpriced_calls},
                 {"cache_savings_usd", NumberOrNull(totals.cache_savings_usd)}};
}

void AddPeopleRoutes(const ApiSources& sources, Router& router) {
  const auto get = [&](std::string_view pattern, query::ListOf list, query::Grain grain) {
    router.Add("GET", pattern, RunOn::kReader, [sources, list, grain](const Request& request, const Respond& respond) {
      Answer(request, respond, grain,
             [&](const query::Expression& expression) { return People(list, sources, request, expression); });
    });
  };
  get("/api/v1/projects/{project}/sessions", query::ListOf::kSessions, query::Grain::kSession);
  get("/api/v1/projects/{project}/users", query::ListOf::kUsers, query::Grain::kTrace);
}

}  // namespace nightjar::server
