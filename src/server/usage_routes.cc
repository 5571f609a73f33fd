#include "server/usage_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "server/conversation_routes.h"
#include "server/errors.h"
#include "server/people_routes.h"
#include "server/query_params.h"
#include "store/usage_reader.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kUsageLimit = {.if_absent = 100, .max = store::kUsageLimitMax};

template <typename T>
struct Word {
  std::string_view word;
  T value;
};

constexpr Word<store::UsageKey> kKeys[] = {
    {"model", store::UsageKey::kModel},     {"provider", store::UsageKey::kProvider},
    {"user", store::UsageKey::kUser},       {"session", store::UsageKey::kSession},
    {"tool", store::UsageKey::kTool},       {"prompt", store::UsageKey::kPrompt},
    {"service", store::UsageKey::kService}, {"prompt_version", store::UsageKey::kPromptVersion},
    {"day", store::UsageKey::kDay},
};

constexpr Word<store::UsageOrder> kOrders[] = {
    {"calls", store::UsageOrder::kCalls},     {"errors", store::UsageOrder::kErrors},
    {"tokens", store::UsageOrder::kTokens},   {"cost", store::UsageOrder::kCost},
    {"latency", store::UsageOrder::kLatency}, {"group", store::UsageOrder::kGroup},
};

template <typename T, std::size_t N>
Result<T> ValueOf(std::string_view name, std::string_view text, const Word<T> (&words)[N]) {
  const auto found = std::ranges::find(words, text, &Word<T>::word);
  if (found != std::end(words)) return found->value;
  std::string all;
  for (const Word<T>& word : words) all += fmt::format("{}{}", all.empty() ? "" : ", ", word.word);
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} \"{}\" is none of {}", name, text, all));
}

// Words with commas between them, each once.
Result<std::vector<store::UsageKey>> ParseKeys(std::string_view text) {
  if (text.empty()) return Fail(ErrorCode::kInvalidArgument, "group_by is missing: model, or model,day …");
  std::vector<store::UsageKey> keys;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    ASSIGN_OR_RETURN(const store::UsageKey key, ValueOf("group_by", word, kKeys));
    if (std::ranges::find(keys, key) != keys.end())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("group_by names \"{}\" twice", word));
    keys.push_back(key);
    begin = end + 1;
  }
  return keys;
}

std::string_view WordOf(store::UsageKey key) {
  return std::ranges::find(kKeys, key, &Word<store::UsageKey>::value)->word;
}

json::object UsageJson(const store::UsageRow& row, const std::vector<store::UsageKey>& keys) {
  json::object group;
  for (std::size_t i = 0; i < keys.size(); ++i) group[WordOf(keys[i])] = TextOrNull(row.group[i]);
  json::object out{{"group", std::move(group)}};
  AddTotals(row.totals, out);
  out["errors"] = row.errors;
  constexpr double kNsPerMs = 1e6;
  out["latency_ms"] = nullptr;
  if (row.latency_ns)
    out["latency_ms"] = {{"p50", (*row.latency_ns)[0] / kNsPerMs},
                         {"p95", (*row.latency_ns)[1] / kNsPerMs},
                         {"p99", (*row.latency_ns)[2] / kNsPerMs}};
  return out;
}

// What a tool's results add to prompts: in tokens that a provider counted, and in estimated ones.
json::value InPromptsJson(const std::string& name, const ToolCosts& costs) {
  const auto found = costs.tools.find(name);
  if (found == costs.tools.end()) return nullptr;
  const semconv::ToolCost& cost = found->second;
  return {{"results", cost.results},
          {"carried", cost.carried},
          {"measured_tokens", NumberOrNull(cost.measured_tokens)},
          {"estimated_tokens", NumberOrNull(cost.estimated_tokens)},
          {"uncounted", cost.uncounted},
          {"cost_usd", NumberOrNull(cost.cost_usd)},
          {"unpriced_tokens", cost.unpriced_tokens}};
}

Result<Response> Usage(const ApiSources& sources, const Request& request) {
  store::UsageQuery query;
  ASSIGN_OR_RETURN(query.group_by, ParseKeys(request.query_param("group_by")));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> from, ParseTime("from", request.query_param("from")));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> to, ParseTime("to", request.query_param("to")));
  if (from) query.from_unix_ns = *from;
  if (to) query.to_unix_ns = *to;
  if (const std::string_view sort = request.query_param("sort"); !sort.empty()) {
    ASSIGN_OR_RETURN(query.order, ValueOf("sort", sort, kOrders));
  }
  ASSIGN_OR_RETURN(query.limit, ParseLimit(request.query_param("limit"), kUsageLimit));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const store::UsageTable table,
                   store::UsageReader(sources.clickhouse, OptionsOf(request)).Read(request.path_params.at(0), query));
  json::array rows;
  for (const store::UsageRow& row : table.rows) rows.push_back(UsageJson(row, query.group_by));
  json::object answer{{"next_cursor", nullptr}, {"group_count", table.group_count}, {"pending_requests", pending}};
  if (query.group_by == std::vector{store::UsageKey::kTool}) {
    ASSIGN_OR_RETURN(const ToolCosts costs, ReadToolCosts(sources, request, query.from_unix_ns, query.to_unix_ns));
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i].get_object()["in_prompts"] = InPromptsJson(table.rows[i].group.front(), costs);
    answer["in_prompts"] = {{"traces", costs.traces}, {"complete", costs.complete}};
  }
  answer["data"] = std::move(rows);
  return JsonResponse(ToJson(answer));
}

}  // namespace

void AddUsageRoutes(const ApiSources& sources, Router& router) {
  router.Add("GET", "/api/v1/projects/{project}/usage", RunOn::kReader,
             [sources](const Request& request, const Respond& respond) {
               const Result<Response> response = Usage(sources, request);
               respond(response ? *response : ErrorResponse(response.error()));
             });
}

}  // namespace nightjar::server
