#include "pricing/internal/price_table.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <exception>
#include <utility>

#include "base/json.h"

namespace nightjar::pricing::internal {
namespace {

// The functions below read what is not of the expected type with Boost's throwing accessors; ReadPriceTable catches.

std::vector<std::string> Texts(const json::value& list) {
  std::vector<std::string> out;
  for (const json::value& item : list.as_array()) out.emplace_back(item.as_string());
  return out;
}

Result<std::optional<Clause>> ReadClause(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(Clause clause, Clause::Read(*value));
  return clause;
}

// Takes the members that are no rates out of `object`.
Result<DatedRates> ReadDatedRates(json::object object) {
  DatedRates out;
  std::vector<std::string> uncounted;
  if (const json::value* from = object.if_contains("from")) {
    ASSIGN_OR_RETURN(out.validity.from, ReadDate(from->as_string()));
    object.erase("from");
  }
  if (const json::value* daily = object.if_contains("daily")) {
    out.validity.daily.emplace(daily->at(0).as_int64(), daily->at(1).as_int64());
    object.erase("daily");
  }
  if (const json::value* names = object.if_contains("uncounted")) {
    uncounted = Texts(*names);
    object.erase("uncounted");
  }
  ASSIGN_OR_RETURN(out.rates, ReadRates(object));
  out.rates.uncounted = std::move(uncounted);
  return out;
}

Result<Variant> ReadVariant(json::object object) {
  Variant out;
  for (const auto& [key, value] : object.at("when").as_object()) out.when.emplace(key, value.as_string());
  object.erase("when");
  ASSIGN_OR_RETURN(out.price, ReadDatedRates(std::move(object)));
  return out;
}

Result<PackageModel> ReadModel(const json::object& object) {
  PackageModel out;
  out.id = object.at("id").as_string();
  ASSIGN_OR_RETURN(out.match, Clause::Read(object.at("match")));
  for (const json::value& price : object.at("prices").as_array()) {
    ASSIGN_OR_RETURN(DatedRates read, ReadDatedRates(price.as_object()));
    out.prices.push_back(std::move(read));
  }
  if (out.prices.empty()) return Fail(ErrorCode::kInvalidArgument, fmt::format("the model {} has no prices", out.id));
  if (!object.contains("variants")) return out;
  for (const json::value& variant : object.at("variants").as_array()) {
    ASSIGN_OR_RETURN(Variant read, ReadVariant(variant.as_object()));
    out.variants.push_back(std::move(read));
  }
  return out;
}

Result<PackageProvider> ReadProvider(const json::object& object) {
  PackageProvider out;
  out.id = object.at("id").as_string();
  ASSIGN_OR_RETURN(out.provider_match, ReadClause(object, "provider_match"));
  ASSIGN_OR_RETURN(out.model_match, ReadClause(object, "model_match"));
  if (const json::value* names = object.if_contains("fallback")) out.fallback = Texts(*names);
  for (const json::value& model : object.at("models").as_array()) {
    ASSIGN_OR_RETURN(PackageModel read, ReadModel(model.as_object()));
    out.models.push_back(std::move(read));
  }
  return out;
}

Result<PriceTable> ReadTable(const json::object& object) {
  PriceTable out;
  out.source = object.at("source").as_string();
  for (const json::value& provider : object.at("providers").as_array()) {
    ASSIGN_OR_RETURN(PackageProvider read, ReadProvider(provider.as_object()));
    out.providers.push_back(std::move(read));
  }
  return out;
}

}  // namespace

Result<PriceTable> ReadPriceTable(std::string_view text) {
  ASSIGN_OR_RETURN(const json::value parsed, ParseJson(text));
  try {
    return ReadTable(parsed.as_object());
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("the price table is malformed: {}", error.what()));
  }
}

}  // namespace nightjar::pricing::internal
