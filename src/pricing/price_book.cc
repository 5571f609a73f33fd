// Names of models are tried as sent, then with what gateways and clouds wrap around them taken off. The package's own
// order decides between models: the first that matches.
#include "pricing/price_book.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ranges>
#include <utility>

#include "base/check.h"
#include "base/lower_case.h"
#include "pricing/internal/amount.h"
#include "pricing/internal/model_names.h"
#include "pricing/internal/package_text.h"
#include "pricing/internal/price_table.h"

namespace nightjar::pricing {
namespace internal {

struct OwnMatcher {
  std::unique_ptr<const re2::RE2> provider;  // absent: whichever
  std::unique_ptr<const re2::RE2> model;
};

// What a provider and a model mean. Points into the book and its package.
struct Match {
  std::vector<const OwnPrice*> own;
  const PackageProvider* provider = nullptr;
  const PackageModel* model = nullptr;
  bool is_fallback = false;  // offered by one provider, priced as its maker's
  std::string unpriced;      // why there is no model in the package
};

}  // namespace internal

namespace {

using internal::Match;
using internal::PackageModel;
using internal::PackageProvider;
using internal::PriceTable;

constexpr std::size_t kNameBytesMax = 512;  // of provider and model: longer ones have no price
constexpr std::size_t kFoundMax = 4096;

re2::RE2::Options PatternOptions() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_case_sensitive(false);
  options.set_max_mem(1 << 20);
  return options;
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

std::vector<internal::OwnMatcher> Compile(const std::vector<OwnPrice>& prices) {
  std::vector<internal::OwnMatcher> matchers;
  for (const OwnPrice& price : prices) {
    internal::OwnMatcher matcher;
    if (!price.provider.empty())
      matcher.provider = std::make_unique<const re2::RE2>(Piece(price.provider), PatternOptions());
    matcher.model = std::make_unique<const re2::RE2>(Piece(price.model), PatternOptions());
    CHECK(matcher.model->ok() && (matcher.provider == nullptr || matcher.provider->ok()));
    matchers.push_back(std::move(matcher));
  }
  return matchers;
}

// "" for what providers call the tier of those who choose none.
std::string TierOf(std::string_view sent) {
  constexpr std::array<std::string_view, 4> kStandard{"default", "standard", "auto", "on_demand"};
  std::string tier = LowerCase(sent);
  return std::ranges::find(kStandard, tier) != kStandard.end() ? std::string() : tier;
}

const PackageProvider* FindProvider(const PriceTable& table, std::string_view name) {
  const auto by_id = std::ranges::find(table.providers, name, &PackageProvider::id);
  if (by_id != table.providers.end()) return &*by_id;
  const auto found = std::ranges::find_if(table.providers, [&](const PackageProvider& provider) {
    return provider.provider_match && provider.provider_match->Matches(name);
  });
  return found != table.providers.end() ? &*found : nullptr;
}

const PackageProvider* FindProviderOf(const PriceTable& table, std::string_view model) {
  const auto found = std::ranges::find_if(table.providers, [&](const PackageProvider& provider) {
    return provider.model_match && provider.model_match->Matches(model);
  });
  return found != table.providers.end() ? &*found : nullptr;
}

const PackageModel* FindModel(const PackageProvider& provider, std::string_view name) {
  const auto found =
      std::ranges::find_if(provider.models, [&](const PackageModel& model) { return model.match.Matches(name); });
  return found != provider.models.end() ? &*found : nullptr;
}

// Fills in provider and model; says why where it cannot.
void FindInPackage(const PriceTable& table, std::string_view provider_name, std::string_view model_name, Match& match) {
  const std::vector<std::string> names = internal::ModelNames(model_name);
  const PackageProvider* provider = provider_name.empty() ? nullptr : FindProvider(table, provider_name);
  for (const std::string& name : names)
    if (provider_name.empty() && provider == nullptr) provider = FindProviderOf(table, name);
  if (provider == nullptr) {
    match.unpriced = provider_name.empty() ? fmt::format("no provider is named, and {} does not tell it", model_name)
                                           : fmt::format("there are no prices of the provider {}", provider_name);
    return;
  }
  for (const std::string& name : names) {
    match.provider = provider;
    match.model = FindModel(*provider, name);
    for (std::size_t i = 0; i < provider->fallback.size() && match.model == nullptr; ++i) {
      match.provider = FindProvider(table, provider->fallback[i]);
      if (match.provider != nullptr) match.model = FindModel(*match.provider, name);
    }
    match.is_fallback = match.provider != provider;
    if (match.model != nullptr) return;
  }
  match.unpriced = fmt::format("there is no price of {} at {}", model_name, provider->id);
}

const internal::DatedRates& RatesAt(const PackageModel& model, UnixNanos time) {
  for (const internal::DatedRates& price : model.prices | std::views::reverse)
    if (price.validity.Holds(time)) return price;
  return model.prices.front();
}

std::string FromText(const internal::Validity& validity) {
  return validity.from ? internal::DateText(*validity.from) : std::string();
}

bool IsFor(const internal::Variant& variant, std::string_view tier) {
  if (variant.when.size() != 1) return false;
  const auto& [key, value] = *variant.when.begin();
  return tier == "batch" ? key == "processing" && value == tier : key == "service_tier" && value == tier;
}

Priced PriceByPackage(const PriceTable& table, const Match& match, std::string_view tier, const Call& call) {
  const internal::DatedRates& standard = RatesAt(*match.model, call.time);
  model::PriceReference reference{match.provider->id + "/" + match.model->id, FromText(standard.validity),
                                  table.source};
  if (tier.empty()) return internal::Amount(call.tokens, standard.rates, std::move(reference));
  Rates rates = standard.rates;
  std::array<bool, kRateKinds> replaced{};
  bool known = false;
  for (const internal::Variant& variant : match.model->variants) {
    if (match.is_fallback || !IsFor(variant, tier) || !variant.price.validity.Holds(call.time)) continue;
    if (!known) reference.date = std::max(reference.date, FromText(variant.price.validity));
    known = true;
    for (std::size_t i = 0; i < kRateKinds; ++i)
      if (variant.price.rates.by_kind[i] && !std::exchange(replaced[i], true))
        rates.by_kind[i] = variant.price.rates.by_kind[i];
  }
  if (!known) return {std::nullopt, fmt::format("there is no price of {} for the tier {}", reference.id, tier)};
  reference.id += fmt::format(" {}", tier);
  return internal::Amount(call.tokens, rates, std::move(reference));
}

// Of those of the tier that hold at the time, the latest; nullptr when there is none.
const OwnPrice* OwnPriceAt(const std::vector<const OwnPrice*>& prices, std::string_view tier, UnixNanos time) {
  const std::string today = internal::DateText(
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time(std::chrono::seconds(time / 1'000'000'000))));
  const OwnPrice* latest = nullptr;
  for (const OwnPrice* price : prices) {
    if (TierOf(price->service_tier) != tier || price->valid_from > today) continue;
    if (latest == nullptr || std::pair(latest->valid_from, latest->id) < std::pair(price->valid_from, price->id))
      latest = price;
  }
  return latest;
}

void Add(const std::string& provider, const std::string& model, const internal::DatedRates& price,
         std::vector<ListedPrice>& out) {
  ListedPrice listed{provider, model, FromText(price.validity), {}, price.rates};
  const auto clock = [](std::chrono::seconds time) {
    return fmt::format("{:02}:{:02}", time.count() / 3600, time.count() / 60 % 60);
  };
  if (const auto& daily = price.validity.daily)
    listed.condition = fmt::format("daily {}-{} UTC", clock(daily->first), clock(daily->second));
  out.push_back(std::move(listed));
}

}  // namespace

Package EmbeddedPackage() {
  Result<Package> package = ReadPackage(internal::PackageText());
  CHECK(package.has_value());
  return *std::move(package);
}

Result<Package> ReadPackage(std::string_view text) {
  ASSIGN_OR_RETURN(PriceTable table, internal::ReadPriceTable(text));
  return std::make_shared<const PriceTable>(std::move(table));
}

std::string_view SourceOf(const Package& package) { return package->source; }

Result<void> CheckOwnPrice(const OwnPrice& price) {
  const auto check_pattern = [](std::string_view field, std::string_view pattern) -> Result<void> {
    if (pattern.size() > kPatternBytesMax)
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} has {} bytes, at most {} are allowed", field, pattern.size(), kPatternBytesMax));
    const re2::RE2 regex(Piece(pattern), PatternOptions());
    if (!regex.ok())
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} '{}' is no regular expression: {}", field, pattern, regex.error()));
    return {};
  };
  RETURN_IF_ERROR(check_pattern("provider", price.provider));
  if (price.model.empty()) return Fail(ErrorCode::kInvalidArgument, "model is missing");
  RETURN_IF_ERROR(check_pattern("model", price.model));
  if (!price.valid_from.empty()) RETURN_IF_ERROR(internal::ReadDate(price.valid_from));
  if (std::ranges::none_of(price.rates.by_kind, [](const auto& rate) { return rate.has_value(); }))
    return Fail(ErrorCode::kInvalidArgument, "rates has no rate");
  return {};
}

PriceBook::PriceBook(Package package, std::vector<OwnPrice> own, std::uint32_t version)
    : package_(std::move(package)), own_(std::move(own)), version_(version), matchers_(Compile(own_)) {}

PriceBook::~PriceBook() = default;

std::shared_ptr<const Match> PriceBook::Find(std::string_view provider, std::string_view model) const {
  std::string key = fmt::format("{}\n{}", provider, model);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = found_.find(key); found != found_.end()) return found->second;
  }
  auto match = std::make_shared<Match>();
  for (std::size_t i = 0; i < own_.size(); ++i)
    if ((matchers_[i].provider == nullptr || re2::RE2::FullMatch(Piece(provider), *matchers_[i].provider)) &&
        re2::RE2::FullMatch(Piece(model), *matchers_[i].model))
      match->own.push_back(&own_[i]);
  FindInPackage(*package_, LowerCase(provider), model, *match);
  const std::lock_guard lock(mutex_);
  if (found_.size() >= kFoundMax) found_.clear();
  return found_.insert_or_assign(std::move(key), std::move(match)).first->second;
}

Priced PriceBook::PriceOf(const Call& call) const {
  if (call.model.empty()) return {std::nullopt, "no model is named"};
  if (call.provider.size() + call.model.size() > kNameBytesMax)
    return {std::nullopt, fmt::format("the model's name is over {} bytes long", kNameBytesMax)};
  const std::string tier = TierOf(call.service_tier);
  const std::shared_ptr<const Match> match = Find(call.provider, call.model);
  if (const OwnPrice* own = OwnPriceAt(match->own, tier, call.time))
    return internal::Amount(call.tokens, own->rates, {fmt::format("own/{}", own->id), own->valid_from, "own price"});
  if (match->model == nullptr) return {std::nullopt, match->unpriced};
  return PriceByPackage(*package_, *match, tier, call);
}

std::vector<ListedPrice> PriceBook::Search(std::string_view text, std::size_t limit) const {
  const std::string wanted = LowerCase(text);
  std::vector<ListedPrice> out;
  for (const PackageProvider& provider : package_->providers) {
    for (const PackageModel& model : provider.models) {
      if (!LowerCase(provider.id + "/" + model.id).contains(wanted)) continue;
      for (const internal::DatedRates& price : model.prices) Add(provider.id, model.id, price, out);
      for (const internal::Variant& variant : model.variants) {
        const auto& [key, value] = *variant.when.begin();
        Add(provider.id, model.id, variant.price, out);
        out.back().condition = fmt::format("{}={}", key, value);
      }
      if (out.size() >= limit) {
        out.resize(limit);
        return out;
      }
    }
  }
  return out;
}

}  // namespace nightjar::pricing
