#include "masking.h"

#include <algorithm>

#include "nightjar/openinference.h"

namespace nightjar::sdk {
namespace {

using openinference::kLlmInputMessages;
using openinference::kLlmOutputMessages;

// Whether `key` is `list`, or an element of it such as "llm.input_messages.0.message.role".
bool Within(std::string_view key, std::string_view list) {
  return key.starts_with(list) && (key.size() == list.size() || key[list.size()] == '.');
}

bool IsText(std::string_view key) {
  return key.ends_with(".message.content") || key.ends_with(".message_content.text");
}

bool IsLongImage(std::size_t bytes_max, std::string_view key, const AttributeValue& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text != nullptr && text->size() > bytes_max && key.ends_with("image.url") && text->starts_with("data:image/");
}

// The same in a list that was kept whole, as JSON: an image goes on to the end of its string.
bool HasLongImage(std::size_t bytes_max, const AttributeValue& value) {
  const auto* json = std::get_if<std::string_view>(&value);
  if (json == nullptr || json->size() <= bytes_max) return false;
  std::size_t begin = 0;
  while ((begin = json->find("\"data:image", begin)) != std::string_view::npos) {
    const std::size_t end = std::min(json->find('"', ++begin), json->size());
    if (end - begin > bytes_max) return true;
    begin = end;
  }
  return false;
}

// The messages of one direction, `list`. Kept whole they are hidden whole, when any part of them is.
Visibility MessageVisibility(bool all_hidden, bool text_hidden, std::string_view list, std::string_view key) {
  if (all_hidden) return Visibility::kLeftOut;
  return text_hidden && (key == list || IsText(key)) ? Visibility::kRedacted : Visibility::kShown;
}

}  // namespace

Visibility VisibilityOf(const Masking& masking, std::string_view key, const AttributeValue& value) {
  if (key == "input.value") return masking.inputs ? Visibility::kRedacted : Visibility::kShown;
  if (key == "output.value") return masking.outputs ? Visibility::kRedacted : Visibility::kShown;
  const auto leave_out = [](bool hidden) { return hidden ? Visibility::kLeftOut : Visibility::kShown; };
  if (key == "input.mime_type") return leave_out(masking.inputs);
  if (key == "output.mime_type") return leave_out(masking.outputs);
  if (key == "llm.invocation_parameters") return leave_out(masking.invocation_parameters);
  if (Within(key, "llm.tools")) return leave_out(masking.tools);
  if (Within(key, "llm.prompts")) return leave_out(masking.prompts || masking.inputs);
  if (Within(key, "llm.choices")) return leave_out(masking.choices || masking.outputs);
  if (Within(key, "embedding.embeddings")) {
    const bool hidden = key.ends_with("embedding.vector") ? masking.embedding_vectors
                                                          : key.ends_with("embedding.text") && masking.embedding_text;
    return hidden ? Visibility::kRedacted : Visibility::kShown;
  }
  if (Within(key, kLlmInputMessages)) {
    const bool whole = key == kLlmInputMessages;
    if (masking.input_images && key.find("message_content.image") != std::string_view::npos)
      return Visibility::kLeftOut;
    if (IsLongImage(masking.base64_image_bytes_max, key, value)) return Visibility::kRedacted;
    const bool image_hidden = whole && (masking.input_images || HasLongImage(masking.base64_image_bytes_max, value));
    return MessageVisibility(masking.inputs || masking.input_messages, masking.input_text || image_hidden,
                             kLlmInputMessages, key);
  }
  if (Within(key, kLlmOutputMessages)) {
    return MessageVisibility(masking.outputs || masking.output_messages, masking.output_text, kLlmOutputMessages, key);
  }
  return Visibility::kShown;
}

}  // namespace nightjar::sdk
