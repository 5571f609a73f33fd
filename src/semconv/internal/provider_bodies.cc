#include "semconv/internal/provider_bodies.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <numeric>

#include "semconv/internal/json_reading.h"

namespace nightjar::semconv::internal {
namespace {

// Words of a person or a model: JSON that could not be read is none.
bool IsText(const json::value& value) {
  const json::string* text = value.if_string();
  return text && !text->empty() && !text->starts_with('{') && !text->starts_with('[');
}

json::array ItemsOf(const json::value& value) {
  if (const json::array* items = value.if_array()) return *items;
  json::array one;
  if (!value.is_null()) one.push_back(value);
  return one;
}

// The system prompt that stands beside the messages.
const json::value& Instructions(const json::value& request) {
  const json::value& own =
      FirstMember(request, {"system", "instructions", "system_instruction", "systemInstruction", "system_prompt"});
  if (!own.is_null()) return own;
  return FirstMember(Member(request, "config"), {"system_instruction", "systemInstruction"});
}

json::value Unwrapped(const json::value& instructions) {
  const json::value& parts = FirstMember(instructions, {"parts", "content"});
  return parts.is_null() ? instructions : parts;
}

// LangChain gives lists of conversations; one is usual.
json::value OneConversation(const json::value& messages) {
  const json::array* items = messages.if_array();
  return items && items->size() == 1 && items->front().is_array() ? items->front() : messages;
}

json::value InputMessages(const json::value& request) {
  if (request.is_array()) return OneConversation(request);
  if (IsText(request)) return json::array{json::object{{"role", "user"}, {"content", request}}};
  if (!Member(request, "role").is_null()) return json::array{request};
  const json::value& listed = FirstMember(
      request, {"messages", "contents", "input", "prompt", "chat_history", "prompts", "inputs", "new_message"});
  if (listed.is_null()) return nullptr;
  if (listed.is_object() && Member(listed, "role").is_null() && Member(listed, "parts").is_null())
    return InputMessages(listed);
  json::array messages;
  if (const json::value& system = Instructions(request); !system.is_null())
    messages.push_back(json::object{{"role", "system"}, {"content", Unwrapped(system)}});
  for (json::value& item : ItemsOf(OneConversation(listed))) {
    if (item.is_string()) item = json::object{{"role", "user"}, {"content", item}};
    messages.push_back(std::move(item));
  }
  return messages;
}

// Each choice with its own reason to stop.
json::value OutputMessages(const json::value& response) {
  if (response.is_array()) return response;
  if (IsText(response)) return json::array{json::object{{"role", "assistant"}, {"content", response}}};
  for (const std::string_view list : {"choices", "candidates", "output", "generations", "messages"})
    if (const json::value& items = Member(response, list); items.is_array()) return OneConversation(items);
  if (const json::value& message = FirstMember(Member(response, "output"), {"message"}); message.is_object())
    return json::array{message};  // Bedrock's Converse
  if (const json::value& message = Member(response, "message"); message.is_object()) return json::array{message};
  const bool is_message = !FirstMember(response, {"role", "content", "tool_calls", "type"}).is_null();
  if (is_message) return json::array{response};
  const json::value& text = FirstMember(response, {"text", "output_text", "completion", "response", "output"});
  if (!IsText(text)) return nullptr;
  return json::array{json::object{{"role", "assistant"}, {"content", text}}};
}

// LangChain's generations[0][0]; null in other responses.
const json::value& LangChainGeneration(const json::value& response) {
  const json::value* place = &Member(response, "generations");
  for (int level = 0; level < 2; ++level) {
    const json::array* items = place->if_array();
    if (!items || items->empty()) return FirstMember(response, {});
    place = &items->front();
  }
  return *place;
}

const json::value& LangChainMetadata(const json::value& response) {
  return Member(Member(Member(LangChainGeneration(response), "message"), "kwargs"), "response_metadata");
}

json::value FinishReasons(const json::value& response) {
  const json::value& reason = FirstMember(response, {"stop_reason", "finish_reason", "stopReason", "finishReason"});
  if (!reason.is_null()) return reason;
  if (const json::value& word = Member(Member(LangChainGeneration(response), "generation_info"), "finish_reason");
      !word.is_null())
    return word;
  json::array reasons;
  if (const json::array* choices = FirstMember(response, {"choices", "candidates"}).if_array())
    for (const json::value& choice : *choices)
      if (const json::value& word = FirstMember(choice, {"finish_reason", "finishReason"}); !word.is_null())
        reasons.push_back(word);
  return reasons.empty() ? json::value() : json::value(std::move(reasons));
}

// Settings of the call: the request without its contents.
json::value Parameters(const json::value& request) {
  const json::object* body = request.if_object();
  if (!body) return nullptr;
  const json::value& config = FirstMember(request, {"config", "generation_config", "generationConfig"});
  json::object settings;
  for (const auto& [key, value] : config.is_object() ? config.get_object() : *body) {
    const bool is_content = value.is_null() || key == "messages" || key == "model" || key == "tools" ||
                            key == "input" || key == "prompt" || key == "contents" || key == "system" ||
                            key == "instructions" || key == "system_instruction" || key == "systemInstruction";
    if (!is_content) settings[key] = value;
  }
  return settings.empty() ? json::value() : json::value(std::move(settings));
}

// Not what a chat is asked, nor lists of token numbers.
json::value EmbeddedTexts(const json::value& request) {
  const json::value& input = Member(request, "input");
  const json::array texts = ItemsOf(input);
  const auto is_text = [](const json::value& item) { return item.is_string(); };
  return texts.empty() || !std::ranges::all_of(texts, is_text) ? json::value() : json::value(texts);
}

const json::value& UsageOf(const json::value& response) {
  const json::value& usage = FirstMember(response, {"usage", "usage_metadata", "usageMetadata", "token_usage"});
  if (!usage.is_null()) return usage;
  const json::value& langchain = FirstMember(Member(response, "llm_output"), {"token_usage", "usage"});
  return langchain.is_null() ? Member(Member(response, "meta"), "usage") : langchain;  // Haystack's embedders
}

json::value Sum(std::initializer_list<const json::value*> counts) {
  std::uint64_t sum = 0;
  bool known = false;
  for (const json::value* count : counts)
    if (const auto number = Count(*count)) {
      sum += *number;
      known = true;
    }
  return known ? json::value(sum) : json::value();
}

const json::value& FirstAt(const json::value& value, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths)
    if (const json::value& found = MemberAt(value, path); !found.is_null()) return found;
  return FirstMember(value, {});
}

const json::value& CacheRead(const json::value& usage) {
  return FirstAt(usage, {"prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens",
                         "input_token_details.cache_read", "cache_read_input_tokens", "cache_read_tokens",
                         "cached_content_token_count", "cachedContentTokenCount", "cachedInputTokens",
                         "cacheReadInputTokens", "inputTokenDetails.cacheReadTokens", "cachedContentTokens"});
}

const json::value& CacheWrite(const json::value& usage) {
  return FirstAt(usage, {"input_token_details.cache_creation", "cache_creation_input_tokens", "cache_write_tokens",
                         "cacheWriteInputTokens", "inputTokenDetails.cacheWriteTokens"});
}

// Gemini counts by modality: [{modality: "AUDIO", tokenCount: 5}].
const json::value& OfModality(const json::value& usage, std::initializer_list<std::string_view> lists,
                              std::string_view modality) {
  if (const json::array* counts = FirstMember(usage, lists).if_array())
    for (const json::value& count : *counts)
      if (Text(Member(count, "modality")) == modality) return FirstMember(count, {"tokenCount", "token_count"});
  return FirstMember(usage, {});
}

const json::value& PartOfPrompt(const json::value& usage, std::initializer_list<std::string_view> paths,
                                std::string_view modality) {
  const json::value& named = FirstAt(usage, paths);
  return named.is_null() ? OfModality(usage, {"promptTokensDetails", "prompt_tokens_details"}, modality) : named;
}

}  // namespace

bool CountsCacheApart(const json::value& usage) {
  // Anthropic's and Bedrock's own objects. A library that adds a sum of both writes it as total_tokens.
  const json::value& input = FirstMember(usage, {"input_tokens", "inputTokens"});
  const bool flat = !FirstMember(usage, {"cache_read_input_tokens", "cache_creation_input_tokens",
                                         "cacheReadInputTokens", "cacheWriteInputTokens"})
                         .is_null();
  return flat && !input.is_null() && FirstMember(usage, {"total_tokens"}).is_null();
}

json::value FromUsage(Field field, const json::value& usage) {
  const bool is_gemini = !FirstMember(usage, {"prompt_token_count", "promptTokenCount"}).is_null();
  switch (field) {
    case Field::kTokensPrompt: {
      const json::value& prompt = FirstMember(usage, {"prompt_tokens", "input_tokens", "inputTokens",
                                                      "prompt_token_count", "promptTokenCount", "promptTokens"});
      if (CountsCacheApart(usage)) return Sum({&prompt, &CacheRead(usage), &CacheWrite(usage)});
      return prompt;
    }
    case Field::kTokensCompletion:
      if (is_gemini)
        return Sum({&FirstMember(usage, {"candidates_token_count", "candidatesTokenCount"}),
                    &FirstMember(usage, {"thoughts_token_count", "thoughtsTokenCount"})});
      return FirstMember(usage, {"completion_tokens", "output_tokens", "outputTokens", "completionTokens"});
    case Field::kTokensTotal:
      if (CountsCacheApart(usage)) return nullptr;
      return FirstMember(usage, {"total_tokens", "totalTokens", "total_token_count", "totalTokenCount"});
    case Field::kTokensCacheRead: return CacheRead(usage);
    case Field::kTokensCacheWrite: return CacheWrite(usage);
    case Field::kTokensCacheWrite1h: return FirstAt(usage, {"cache_creation.ephemeral_1h_input_tokens"});
    case Field::kTokensReasoning:
      return FirstAt(
          usage, {"completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens",
                  "output_token_details.reasoning", "thoughts_token_count", "thoughtsTokenCount", "reasoning_tokens",
                  "reasoningTokens", "outputTokenDetails.reasoningTokens", "thoughtsTokens"});
    case Field::kTokensPromptAudio:
      return PartOfPrompt(
          usage,
          {"prompt_tokens_details.audio_tokens", "input_tokens_details.audio_tokens", "input_token_details.audio"},
          "AUDIO");
    case Field::kTokensPromptImage:
      return PartOfPrompt(
          usage,
          {"prompt_tokens_details.image_tokens", "input_tokens_details.image_tokens", "input_token_details.image"},
          "IMAGE");
    case Field::kTokensCompletionAudio:
      return FirstAt(usage, {"completion_tokens_details.audio_tokens", "output_tokens_details.audio_tokens",
                             "output_token_details.audio"});
    default: return nullptr;
  }
}

json::value FromRequest(Field field, const json::value& body) {
  switch (field) {
    case Field::kRequestModel: return FirstMember(body, {"model", "model_name", "modelId"});
    case Field::kInputMessages: return InputMessages(body);
    case Field::kTools: {
      const json::value& tools = Member(body, "tools");
      return tools.is_null() ? Member(Member(body, "config"), "tools") : tools;
    }
    case Field::kInvocationParameters: return Parameters(body);
    case Field::kEmbeddings: return EmbeddedTexts(body);
    default: return nullptr;
  }
}

json::value FromResponse(Field field, const json::value& body) {
  switch (field) {
    case Field::kResponseId: {
      // An item of the output has an id of its own; a whole response names its model.
      const bool is_item = !FirstMember(body, {"role", "type"}).is_null() && Member(body, "model").is_null();
      const json::value& id = is_item ? FirstMember(body, {"response_id", "responseId"})
                                      : FirstMember(body, {"id", "response_id", "responseId"});
      return id.is_null() ? Member(LangChainMetadata(body), "id") : id;
    }
    case Field::kResponseModel: {
      const json::value& model = FirstMember(LangChainMetadata(body), {"model_name", "model"});
      return model.is_null() ? FirstMember(body, {"model", "model_version", "modelVersion"}) : model;
    }
    case Field::kOutputMessages: return OutputMessages(body);
    case Field::kFinishReasons: return FinishReasons(body);
    default: return FromUsage(field, UsageOf(body));
  }
}

}  // namespace nightjar::semconv::internal
