#include <gtest/gtest.h>

#include <utility>

#include "semconv/normalize.h"

namespace nightjar::semconv {
namespace {

TEST(Prompts, NamesAreNotTemplates) {
  const auto prompt = [](model::Attributes attributes) {
    attributes.push_back({"gen_ai.operation.name", "chat"});
    model::Span span;
    span.attributes = std::move(attributes);
    return Normalize(span, {}, {}).llm->prompt_template.value_or(model::PromptTemplate());
  };
  const model::PromptTemplate named = {.name = "greeting"};
  EXPECT_EQ(prompt({{"gen_ai.prompt.name", "greeting"}}), named);
  EXPECT_EQ(prompt({{"langfuse.observation.prompt.name", "greeting"}}), named);
  EXPECT_EQ(prompt({{"mlflow.linkedPrompts", R"([{"name": "greeting"}])"}}), named);
  EXPECT_EQ(prompt({{"openinference.span.kind", "LLM"}, {"prompt.id", "greeting"}}), named);
  EXPECT_EQ(prompt({{"ai.telemetry.metadata.langfusePrompt", R"({"name": "greeting", "version": 3})"}}),
            (model::PromptTemplate{.name = "greeting", .version = "3"}));
  EXPECT_EQ(prompt({{"traceloop.prompt.key", "greeting"}, {"traceloop.prompt.template", "Hi {name}"}}),
            (model::PromptTemplate{.name = "greeting", .template_text = "Hi {name}"}));
}

// XXH3-64 of "Hi {name}", by Debian's xxhsum 0.8.1.
TEST(Prompts, ATemplateWithoutANameIsNamedByItsHash) {
  model::Span span;
  span.attributes = {{"openinference.span.kind", "LLM"}, {"llm.prompt_template.template", "Hi {name}"}};
  EXPECT_EQ(Summarize(span, {}, {}).prompt_name, "template:6f2d933cc23e914f");
  span.attributes.push_back({"prompt.id", "greeting"});
  EXPECT_EQ(Summarize(span, {}, {}).prompt_name, "greeting");
}

}  // namespace
}  // namespace nightjar::semconv
