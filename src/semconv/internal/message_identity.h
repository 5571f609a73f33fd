// What makes two messages the same.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "model/llm_view.h"

namespace nightjar::semconv::internal {

struct Identity {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto operator<=>(const Identity&) const = default;
};

struct IdentityHash {
  std::size_t operator()(const Identity& identity) const { return identity.low; }
};

// One role for each part in a conversation: "developer" is "system", "model" is "assistant", and who brings results of
// tools and nothing else is "tool".
std::string CanonicalRole(const model::Message& message);

// Of the role and the content: texts that follow each other are one, JSON is the same however it is spaced, and ids and
// reasoning say nothing.
Identity IdentityOf(const model::Message& message);
Identity IdentityOf(const std::vector<model::ToolDefinition>& tools);

// Code points of what the model reads of it, without reasoning.
std::uint64_t CharactersOf(const model::Message& message);

}  // namespace nightjar::semconv::internal
