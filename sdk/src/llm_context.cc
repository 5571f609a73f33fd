#include <algorithm>

#include "nightjar/llm.h"
#include "nightjar/openinference.h"
#include "owned.h"
#include "span_attributes.h"

namespace nightjar {
namespace {

namespace oi = openinference;

void Put(OwnedAttributes& attributes, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  std::erase_if(attributes, [&](const auto& entry) { return entry.first == key; });
  attributes.emplace_back(key, OwnedValue{std::string(value)});
}

// Without memory as it is.
Context WithAttributes(const Context& current, const ContextAttributes& given) noexcept try {
  const OwnedAttributes* before = current.Find(sdk::kSpanAttributes);
  OwnedAttributes attributes = before == nullptr ? OwnedAttributes() : sdk::CopyOf(*before);
  Put(attributes, oi::kSessionId, given.session_id);
  Put(attributes, oi::kUserId, given.user_id);
  Put(attributes, oi::kMetadata, given.metadata_json);
  Put(attributes, oi::kLlmPromptTemplate, given.prompt.text);
  Put(attributes, oi::kLlmPromptTemplateVariables, given.prompt.variables_json);
  Put(attributes, oi::kLlmPromptTemplateVersion, given.prompt.version);
  if (!given.tags.empty()) {
    std::vector<OwnedValue> tags;
    for (const std::string& tag : given.tags) tags.push_back({tag});
    std::erase_if(attributes, [](const auto& entry) { return entry.first == oi::kTagTags; });
    attributes.emplace_back(oi::kTagTags, OwnedValue{std::move(tags)});
  }
  return current.With(sdk::kSpanAttributes, std::move(attributes));
} catch (...) {
  return current;
}

}  // namespace

Scope UsingAttributes(const ContextAttributes& given) noexcept {
  return Scope(WithAttributes(Context::Current(), given));
}

Scope UsingSession(std::string_view session_id) noexcept { return UsingAttributes({.session_id = session_id}); }
Scope UsingUser(std::string_view user_id) noexcept { return UsingAttributes({.user_id = user_id}); }
Scope UsingMetadata(std::string_view metadata_json) noexcept {
  return UsingAttributes({.metadata_json = metadata_json});
}
Scope UsingTags(std::span<const std::string> tags) noexcept { return UsingAttributes({.tags = tags}); }
Scope UsingPromptTemplate(const PromptTemplate& prompt) noexcept { return UsingAttributes({.prompt = prompt}); }

}  // namespace nightjar
