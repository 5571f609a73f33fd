// All dialects, and their rules in the form in which they are applied.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "semconv/internal/facts.h"

namespace nightjar::semconv::internal {

extern const Dialect kOpenInference;
extern const Dialect kLangfuse;
extern const Dialect kVercelAi;
extern const Dialect kMlflow;
extern const Dialect kLangSmith;
extern const Dialect kLaminar;
extern const Dialect kPydanticAi;
extern const Dialect kLogfire;
extern const Dialect kGoogleAdk;
extern const Dialect kGenkit;
extern const Dialect kLiveKit;
extern const Dialect kMastra;
extern const Dialect kLitellm;
extern const Dialect kOpenLlmetry;
extern const Dialect kOpenLit;
extern const Dialect kOtelGenAi;
extern const Dialect kGeneric;

// By precedence: what was written for people who look at models comes first, and the convention that many libraries add
// to their own keys comes last. The very last one is on every span.
constexpr const Dialect* kDialects[] = {
    &kOpenInference, &kLiveKit,     &kLangfuse, &kVercelAi,  &kMlflow,  &kLangSmith,
    &kLaminar,       &kPydanticAi,  &kLogfire,  &kGoogleAdk, &kGenkit,  &kMastra,
    &kLitellm,       &kOpenLlmetry, &kOpenLit,  &kOtelGenAi, &kGeneric,
};
constexpr std::size_t kDialectCount = std::size(kDialects);
static_assert(kDialectCount <= 8 * sizeof(DialectSet));
static_assert(static_cast<std::size_t>(Field::kCount) <= FieldSet().size());

class RuleBook {
 public:
  struct Numbered {
    const Rule* rule;
    KeyNumber key;
  };

  // Made once, at the first call.
  static const RuleBook& Instance();

  [[nodiscard]] const RuleKeys& keys() const { return keys_; }
  // The rules of a dialect for a field, in order. `dialect` is a place in kDialects.
  [[nodiscard]] std::span<const Numbered> RulesOf(std::size_t dialect, Field field) const {
    return rules_[dialect][static_cast<std::size_t>(field)];
  }

 private:
  RuleBook();

  RuleKeys keys_;
  std::array<std::array<std::vector<Numbered>, static_cast<std::size_t>(Field::kCount)>, kDialectCount> rules_;
};

}  // namespace nightjar::semconv::internal
