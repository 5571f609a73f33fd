#include "server/price_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/span_json.h"
#include "pricing/price_book.h"
#include "server/errors.h"
#include "server/query_params.h"

namespace nightjar::server {
namespace {

using pricing::OwnPrice;

constexpr LimitRange kPriceListLimit = {.if_absent = 100, .max = 1000};
constexpr std::size_t kNoteBytesMax = 4096;

json::object ToJsonObject(const OwnPrice& price) {
  return {{"source", "own price"},
          {"id", price.id},
          {"provider", TextOrNull(price.provider)},
          {"model", price.model},
          {"service_tier", TextOrNull(price.service_tier)},
          {"valid_from", TextOrNull(price.valid_from)},
          {"condition", nullptr},
          {"rates", pricing::ToJson(price.rates)},
          {"note", TextOrNull(price.note)},
          {"created_unix_ns", std::to_string(price.created_unix_ns)}};
}

json::object ToJsonObject(const pricing::ListedPrice& price, std::string_view source) {
  json::array uncounted;
  for (const std::string& unit : price.rates.uncounted) uncounted.push_back(json::value(unit));
  return {{"source", source},
          {"id", nullptr},
          {"provider", price.provider},
          {"model", price.model},
          {"service_tier", nullptr},
          {"valid_from", TextOrNull(price.valid_from)},
          {"condition", TextOrNull(price.condition)},
          {"rates", pricing::ToJson(price.rates)},
          {"uncounted", std::move(uncounted)},
          {"note", nullptr},
          {"created_unix_ns", nullptr}};
}

bool IsNamed(const OwnPrice& price, std::string_view wanted) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const std::string name = price.provider + "/" + price.model;
  return wanted.empty() || !std::ranges::search(name, wanted, {}, lower, lower).empty();
}

Result<std::string> ReadText(std::string_view key, const json::value& value) {
  if (value.is_null()) return std::string();
  if (!value.is_string()) return Fail(ErrorCode::kInvalidArgument, fmt::format("{} is not a text", key));
  return std::string(value.get_string());
}

// {model, rates, provider?, service_tier?, valid_from?, note?}
Result<OwnPrice> ReadPrice(const Request& request) {
  // A page of another origin may send other types without asking this server.
  if (!request.header("content-type").starts_with("application/json"))
    return Fail(ErrorCode::kInvalidArgument, "send the price as content-type application/json");
  ASSIGN_OR_RETURN(const json::value body, ParseJson(request.body));
  if (!body.is_object()) return Fail(ErrorCode::kInvalidArgument, "the price is not a JSON object");
  OwnPrice price;
  for (const auto& [key, value] : body.get_object()) {
    std::string* text = key == "provider"       ? &price.provider
                        : key == "model"        ? &price.model
                        : key == "service_tier" ? &price.service_tier
                        : key == "valid_from"   ? &price.valid_from
                        : key == "note"         ? &price.note
                                                : nullptr;
    if (text != nullptr) {
      ASSIGN_OR_RETURN(*text, ReadText(key, value));
    } else if (key == "rates" && value.is_object()) {
      ASSIGN_OR_RETURN(price.rates, pricing::ReadRates(value.get_object()));
    } else {
      return Fail(ErrorCode::kInvalidArgument,
                  key == "rates" ? std::string("rates is not an object")
                                 : fmt::format("a price has no {}; it has model, rates, provider, service_tier, "
                                               "valid_from and note",
                                               std::string_view(key)));
    }
  }
  if (price.note.size() > kNoteBytesMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the note has {} bytes, at most {} are allowed", price.note.size(), kNoteBytesMax));
  return price;
}

Result<std::int64_t> ReadId(const Request& request) {
  const std::string& text = request.path_params.at(0);
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not the id of an own price", text));
  return id;
}

Result<std::optional<std::uint64_t>> ReadCount(const Request& request, std::string_view name) {
  const std::string_view text = request.query_param(name);
  if (text.empty()) return std::optional<std::uint64_t>();
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} \"{}\" is not a number of tokens", name, text));
  return std::optional(count);
}

class PriceRoutes {
 public:
  explicit PriceRoutes(catalog::PriceList& prices) : prices_(prices) {}

  Result<Response> List(const Request& request) const {
    ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kPriceListLimit));
    const std::string_view wanted = request.query_param("model");
    const auto book = prices_.current().Now();
    json::array rows;
    for (const OwnPrice& price : book->own())
      if (rows.size() < limit && IsNamed(price, wanted)) rows.push_back(ToJsonObject(price));
    const std::string_view source = pricing::SourceOf(book->package());
    for (const pricing::ListedPrice& price : book->Search(wanted, limit - rows.size()))
      rows.push_back(ToJsonObject(price, source));
    return JsonResponse(ToJson({{"data", std::move(rows)},
                                {"next_cursor", nullptr},
                                {"prices_version", book->version()},
                                {"package", source}}));
  }

  Result<Response> Explain(const Request& request) const {
    model::TokenUsage tokens;
    const std::pair<std::string_view, std::optional<std::uint64_t>*> counts[] = {
        {"prompt_tokens", &tokens.prompt},
        {"completion_tokens", &tokens.completion},
        {"cache_read_tokens", &tokens.cache_read},
        {"cache_write_tokens", &tokens.cache_write},
        {"cache_write_1h_tokens", &tokens.cache_write_1h},
        {"reasoning_tokens", &tokens.reasoning},
        {"prompt_audio_tokens", &tokens.prompt_audio},
        {"completion_audio_tokens", &tokens.completion_audio},
    };
    for (const auto& [name, count] : counts) {
      ASSIGN_OR_RETURN(*count, ReadCount(request, name));
    }
    ASSIGN_OR_RETURN(const std::optional<UnixNanos> time, ParseTime("time", request.query_param("time")));
    const auto now = std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
    const pricing::Priced priced =
        prices_.current().Now()->PriceOf({.provider = request.query_param("provider"),
                                          .model = request.query_param("model"),
                                          .service_tier = request.query_param("service_tier"),
                                          .time = time.value_or(static_cast<UnixNanos>(now)),
                                          .tokens = tokens});
    return JsonResponse(
        ToJson({{"cost", model::CostToJson(priced.cost, std::nullopt)}, {"unpriced", TextOrNull(priced.unpriced)}}));
  }

  Result<Response> Add(const Request& request) const {
    ASSIGN_OR_RETURN(OwnPrice price, ReadPrice(request));
    ASSIGN_OR_RETURN(const OwnPrice kept, prices_.Add(std::move(price)));
    Response response = JsonResponse(ToJson(ToJsonObject(kept)));
    response.status = 201;
    return response;
  }

  Result<Response> Replace(const Request& request) const {
    ASSIGN_OR_RETURN(const std::int64_t id, ReadId(request));
    ASSIGN_OR_RETURN(OwnPrice price, ReadPrice(request));
    price.id = id;
    ASSIGN_OR_RETURN(const OwnPrice kept, prices_.Replace(std::move(price)));
    return JsonResponse(ToJson(ToJsonObject(kept)));
  }

  Result<Response> Delete(const Request& request) const {
    ASSIGN_OR_RETURN(const std::int64_t id, ReadId(request));
    RETURN_IF_ERROR(prices_.Delete(id));
    return Response{.status = 204, .content_type = ""};
  }

 private:
  catalog::PriceList& prices_;
};

}  // namespace

void AddPriceRoutes(catalog::PriceList& prices, Router& router) {
  using Route = Result<Response> (PriceRoutes::*)(const Request&) const;
  const PriceRoutes routes(prices);
  const auto add = [&](const char* method, std::string_view pattern, Route route) {
    router.Add(method, pattern, RunOn::kReader, [routes, route](const Request& request, const Respond& respond) {
      const Result<Response> response = (routes.*route)(request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
  };
  add("GET", "/api/v1/prices", &PriceRoutes::List);
  add("GET", "/api/v1/prices/explain", &PriceRoutes::Explain);
  add("POST", "/api/v1/prices", &PriceRoutes::Add);
  add("PUT", "/api/v1/prices/{id}", &PriceRoutes::Replace);
  add("DELETE", "/api/v1/prices/{id}", &PriceRoutes::Delete);
}

}  // namespace nightjar::server
