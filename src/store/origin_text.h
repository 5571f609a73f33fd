// Resources and instrumentation scopes as JSON text: the same one gives the same text each time, so a
// dictionary-coded column holds each once. Fields at their default are left out. Format: docs/formats/span_table.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/span.h"

namespace nightjar::store {

std::string ResourceText(const model::Resource& resource);
std::string ScopeText(const model::Scope& scope);
std::string AttributesText(const model::Attributes& attributes);

// Errors are kDataLoss: only our own text is read here.
Result<model::Resource> ParseResource(std::string_view text);
Result<model::Scope> ParseScope(std::string_view text);
Result<model::Attributes> ParseAttributes(std::string_view text);

// Parses each text once. `known` outlives the pool and gets what was parsed.
template <typename Origin>
class OriginPool {
 public:
  OriginPool(Result<Origin> (*parse)(std::string_view), std::vector<Origin>& known) : parse_(parse), known_(known) {}

  Result<std::uint32_t> IndexOf(std::string_view text) {
    if (const auto found = index_of_.find(text); found != index_of_.end()) return found->second;
    ASSIGN_OR_RETURN(Origin origin, parse_(text));
    const auto index = static_cast<std::uint32_t>(known_.size());
    known_.push_back(std::move(origin));
    index_of_.emplace(text, index);
    return index;
  }

 private:
  Result<Origin> (*parse_)(std::string_view);
  std::vector<Origin>& known_;
  std::map<std::string, std::uint32_t, std::less<>> index_of_;
};

}  // namespace nightjar::store
