// Mastra's exporter: mastra.* beside gen_ai.*. A step of the model has the messages, the call below it the usage.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"mastra"};

// What the convention has no words for.
constexpr KindWord kKinds[] = {
    {"model_generation", ObservationKind::kChain},
    {"model_chunk", ObservationKind::kChain},
    {"workflow_run", ObservationKind::kChain},
    {"workflow_step", ObservationKind::kChain},
};

constexpr Rule kRules[] = {
    {Field::kKind, "gen_ai.operation.name"},
    {Field::kInput, "mastra.agent_run.input"},
    {Field::kOutput, "mastra.agent_run.output"},
    {Field::kInput, "mastra.model_generation.input"},
    {Field::kOutput, "mastra.model_generation.output"},
    {Field::kInput, "mastra.model_step.input"},
    {Field::kOutput, "mastra.model_step.output"},
    {Field::kOutput, "mastra.model_chunk.output"},
    {Field::kInput, "mastra.workflow_run.input"},
    {Field::kOutput, "mastra.workflow_run.output"},
    {Field::kInput, "mastra.workflow_step.input"},
    {Field::kOutput, "mastra.workflow_step.output"},
    {Field::kInputMessages, "mastra.model_step.input"},
    {Field::kInputMessages, "mastra.model_generation.input", "messages"},
    {Field::kSessionId, "mastra.metadata.sessionId"},
    {Field::kSessionId, "mastra.metadata.threadId"},
    {Field::kUserId, "mastra.metadata.userId"},
    {Field::kUserId, "mastra.metadata.resourceId"},
    {Field::kTags, "mastra.tags"},
    {Field::kMetadata, "mastra.metadata"},
    {Field::kFirstTokenTime, "mastra.completion_start_time"},
};

constexpr std::string_view kStepOutput = "mastra.model_step.output";
constexpr std::string_view kGenerationOutput = "mastra.model_generation.output";
constexpr std::string_view kDerivedFrom[] = {kStepOutput, kGenerationOutput};

// {text, toolCalls} as a message.
json::value Answer(const Facts& facts) {
  json::value output = Parsed(facts.Read(kStepOutput));
  if (output.is_null()) output = Parsed(facts.Read(kGenerationOutput));
  json::object message{{"role", "assistant"}};
  if (const json::value& text = Member(output, "text"); !Text(text).empty()) message["content"] = text;
  if (const json::value& calls = Member(output, "toolCalls"); calls.is_array() && !calls.get_array().empty())
    message["tool_calls"] = calls;
  return message.size() == 1 ? json::value() : json::value(json::array{std::move(message)});
}

json::value Derive(Field field, Facts& facts) {
  return field == Field::kOutputMessages ? Answer(facts) : json::value();
}

}  // namespace

const Dialect kMastra = {
    .name = "mastra",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
