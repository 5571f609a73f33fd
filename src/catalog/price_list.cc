#include "catalog/price_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "base/json.h"
#include "catalog/internal/sqlite.h"

namespace nightjar::catalog {
namespace {

using internal::Connection;
using internal::Statement;
using pricing::OwnPrice;

Result<OwnPrice> ReadRow(const Statement& row) {
  OwnPrice price{.id = row.Integer(0),
                 .provider = row.Text(1),
                 .model = row.Text(2),
                 .service_tier = row.Text(3),
                 .valid_from = row.Text(4)};
  const Result<json::value> rates = ParseJson(row.Text(5));
  if (!rates || !rates->is_object())
    return Fail(ErrorCode::kDataLoss, fmt::format("the rates of own price {} are no JSON object", price.id));
  ASSIGN_OR_RETURN(price.rates, pricing::ReadRates(rates->get_object()));
  price.note = row.Text(6);
  price.created_unix_ns = static_cast<UnixNanos>(row.Integer(7));
  RETURN_IF_ERROR(pricing::CheckOwnPrice(price));
  return price;
}

Result<std::vector<OwnPrice>> ReadPrices(Connection& connection) {
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT id, provider, model, service_tier, valid_from, rates, note, "
                                      "created_unix_ns FROM own_prices ORDER BY id"));
  std::vector<OwnPrice> prices;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return prices;
    ASSIGN_OR_RETURN(OwnPrice price, ReadRow(select));
    prices.push_back(std::move(price));
  }
}

void BindFields(const OwnPrice& price, Statement& statement) {
  statement.Bind(price.provider)
      .Bind(price.model)
      .Bind(price.service_tier)
      .Bind(price.valid_from)
      .Bind(ToJson(pricing::ToJson(price.rates)))
      .Bind(price.note);
}

Result<void> RaiseVersion(Connection& connection, std::string_view package) {
  ASSIGN_OR_RETURN(Statement update, connection.Prepare("UPDATE prices_state SET version = version + 1, package = ?"));
  RETURN_IF_ERROR(update.Bind(package).Step());
  return {};
}

Result<std::shared_ptr<const pricing::PriceBook>> ReadBook(Connection& connection, const pricing::Package& package) {
  ASSIGN_OR_RETURN(std::vector<OwnPrice> own, ReadPrices(connection));
  ASSIGN_OR_RETURN(Statement state, connection.Prepare("SELECT version FROM prices_state"));
  ASSIGN_OR_RETURN(const bool row, state.Step());
  if (!row) return Fail(ErrorCode::kDataLoss, "the catalog has lost the version of its prices");
  const auto version = static_cast<std::uint32_t>(state.Integer(0));
  return std::make_shared<const pricing::PriceBook>(package, std::move(own), version);
}

}  // namespace

PriceList::PriceList(Catalog& catalog, pricing::Package package)
    : catalog_(catalog),
      package_(std::move(package)),
      current_(std::make_shared<const pricing::PriceBook>(package_, std::vector<OwnPrice>(), 0)) {}

Result<std::unique_ptr<PriceList>> PriceList::Open(Catalog& catalog, pricing::Package package) {
  std::unique_ptr<PriceList> list(new PriceList(catalog, std::move(package)));
  const auto read = [&](Connection& connection) -> Result<void> {
    const std::string_view source = pricing::SourceOf(list->package_);
    ASSIGN_OR_RETURN(Statement state, connection.Prepare("SELECT 1 FROM prices_state WHERE package = ?"));
    ASSIGN_OR_RETURN(const bool known, state.Bind(source).Step());
    if (!known) RETURN_IF_ERROR(RaiseVersion(connection, source));
    ASSIGN_OR_RETURN(std::shared_ptr<const pricing::PriceBook> book, ReadBook(connection, list->package_));
    list->current_.Replace(std::move(book));
    return {};
  };
  RETURN_IF_ERROR(catalog.InTransaction(read));
  return list;
}

Result<void> PriceList::Change(const std::function<Result<void>(Connection&)>& work) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const pricing::PriceBook> book;
  const auto change = [&](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(work(connection));
    RETURN_IF_ERROR(RaiseVersion(connection, pricing::SourceOf(package_)));
    ASSIGN_OR_RETURN(book, ReadBook(connection, package_));
    return {};
  };
  RETURN_IF_ERROR(catalog_.InTransaction(change));
  const std::uint32_t version = book->version();
  current_.Replace(std::move(book));
  if (changed_) changed_(version);
  return {};
}

Result<OwnPrice> PriceList::Add(OwnPrice price) {
  RETURN_IF_ERROR(pricing::CheckOwnPrice(price));
  price.created_unix_ns =
      static_cast<UnixNanos>(std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
  const auto insert_row = [&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(Statement count, connection.Prepare("SELECT count(*) FROM own_prices"));
    RETURN_IF_ERROR(count.Step());
    if (count.Integer(0) >= static_cast<std::int64_t>(pricing::kOwnPricesMax))
      return Fail(ErrorCode::kResourceExhausted,
                  fmt::format("there are {} own prices; delete one first", pricing::kOwnPricesMax));
    ASSIGN_OR_RETURN(Statement insert,
                     connection.Prepare("INSERT INTO own_prices (provider, model, service_tier, valid_from, rates, "
                                        "note, created_unix_ns) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    BindFields(price, insert);
    RETURN_IF_ERROR(insert.Bind(static_cast<std::int64_t>(price.created_unix_ns)).Step());
    price.id = connection.last_insert_id();
    return {};
  };
  RETURN_IF_ERROR(Change(insert_row));
  return price;
}

Result<OwnPrice> PriceList::Replace(OwnPrice price) {
  RETURN_IF_ERROR(pricing::CheckOwnPrice(price));
  const auto update_row = [&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(Statement update,
                     connection.Prepare("UPDATE own_prices SET provider = ?, model = ?, service_tier = ?, "
                                        "valid_from = ?, rates = ?, note = ? WHERE id = ? RETURNING created_unix_ns"));
    BindFields(price, update);
    ASSIGN_OR_RETURN(const bool found, update.Bind(price.id).Step());
    if (!found) return Fail(ErrorCode::kNotFound, fmt::format("there is no own price {}", price.id));
    price.created_unix_ns = static_cast<UnixNanos>(update.Integer(0));
    return {};
  };
  RETURN_IF_ERROR(Change(update_row));
  return price;
}

Result<void> PriceList::Delete(std::int64_t id) {
  return Change([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(Statement erase, connection.Prepare("DELETE FROM own_prices WHERE id = ? RETURNING id"));
    ASSIGN_OR_RETURN(const bool found, erase.Bind(id).Step());
    if (!found) return Fail(ErrorCode::kNotFound, fmt::format("there is no own price {}", id));
    return {};
  });
}

}  // namespace nightjar::catalog
