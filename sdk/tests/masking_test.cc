// OpenInference's configuration: each variable hides what its table says, and nothing else.
#include <algorithm>

#include "nightjar/llm.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

class MaskingTest : public sdk_test::TracingTest {};

constexpr const char* kAll[][2] = {
    {"input.value", "in"},
    {"input.mime_type", "text/plain"},
    {"output.value", "out"},
    {"output.mime_type", "text/plain"},
    {"llm.invocation_parameters", "{}"},
    {"llm.tools.0.tool.json_schema", "{}"},
    {"llm.prompts.0.prompt.text", "p"},
    {"llm.choices.0.completion.text", "c"},
    {"llm.input_messages.0.message.role", "user"},
    {"llm.input_messages.0.message.content", "hi"},
    {"llm.input_messages.1.message.contents.0.message_content.text", "look"},
    {"llm.input_messages.1.message.contents.1.message_content.image.image.url", "http://x/y.png"},
    {"llm.output_messages.0.message.role", "assistant"},
    {"llm.output_messages.0.message.content", "hello"},
    {"embedding.embeddings.0.embedding.text", "e"},
    {"embedding.embeddings.0.embedding.vector", "v"},
    {"llm.model_name", "m"},
};

TEST_F(MaskingTest, Table) {
  struct Case {
    const char* variable;
    std::vector<std::string> redacted;
    std::vector<std::string> left_out;
  };
  const std::vector<std::string> input_messages = {
      "llm.input_messages.0.message.role", "llm.input_messages.0.message.content",
      "llm.input_messages.1.message.contents.0.message_content.text",
      "llm.input_messages.1.message.contents.1.message_content.image.image.url"};
  const std::vector<std::string> output_messages = {"llm.output_messages.0.message.role",
                                                    "llm.output_messages.0.message.content"};
  const auto with = [](std::vector<std::string> list, std::initializer_list<const char*> more) {
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  for (const Case& c : std::vector<Case>{
           {"OPENINFERENCE_HIDE_INPUTS",
            {"input.value"},
            with(input_messages, {"input.mime_type", "llm.prompts.0.prompt.text"})},
           {"OPENINFERENCE_HIDE_OUTPUTS",
            {"output.value"},
            with(output_messages, {"output.mime_type", "llm.choices.0.completion.text"})},
           {"OPENINFERENCE_HIDE_INPUT_MESSAGES", {}, input_messages},
           {"OPENINFERENCE_HIDE_OUTPUT_MESSAGES", {}, output_messages},
           {"OPENINFERENCE_HIDE_INPUT_TEXT",
            {"llm.input_messages.0.message.content", "llm.input_messages.1.message.contents.0.message_content.text"},
            {}},
           {"OPENINFERENCE_HIDE_OUTPUT_TEXT", {"llm.output_messages.0.message.content"}, {}},
           {"OPENINFERENCE_HIDE_INPUT_IMAGES",
            {},
            {"llm.input_messages.1.message.contents.1.message_content.image.image.url"}},
           {"OPENINFERENCE_HIDE_LLM_INVOCATION_PARAMETERS", {}, {"llm.invocation_parameters"}},
           {"OPENINFERENCE_HIDE_LLM_TOOLS", {}, {"llm.tools.0.tool.json_schema"}},
           {"OPENINFERENCE_HIDE_LLM_PROMPTS", {}, {"llm.prompts.0.prompt.text"}},
           {"OPENINFERENCE_HIDE_PROMPTS", {}, {"llm.prompts.0.prompt.text"}},
           {"OPENINFERENCE_HIDE_CHOICES", {}, {"llm.choices.0.completion.text"}},
           {"OPENINFERENCE_HIDE_EMBEDDING_VECTORS", {"embedding.embeddings.0.embedding.vector"}, {}},
           {"OPENINFERENCE_HIDE_EMBEDDINGS_VECTORS", {"embedding.embeddings.0.embedding.vector"}, {}},
           {"OPENINFERENCE_HIDE_EMBEDDINGS_TEXT", {"embedding.embeddings.0.embedding.text"}, {}},
       }) {
    SetVariable(c.variable, "true");
    Start();
    {
      Span span = tracer().StartSpan(c.variable);
      for (const auto& [key, value] : kAll) span.SetAttribute(key, value);
    }
    const sdk_test::ReceivedSpan span = Finish(c.variable);
    unsetenv(c.variable);
    for (const auto& [key, value] : kAll) {
      const std::string text = std::ranges::find(c.redacted, key) != c.redacted.end() ? "__REDACTED__" : value;
      if (std::ranges::find(c.left_out, key) != c.left_out.end()) {
        EXPECT_FALSE(span.attributes.contains(key)) << c.variable << " " << key;
      } else {
        ASSERT_TRUE(span.attributes.contains(key)) << c.variable << " " << key;
        EXPECT_EQ(span.attributes.at(key), sdk_test::Value(text)) << c.variable << " " << key;
      }
    }
  }
}

TEST_F(MaskingTest, LongImagesAreReplaced) {
  const std::string key = "llm.input_messages.0.message.contents.0.message_content.image.image.url";
  Start();
  {
    Span small = tracer().StartSpan("small");
    small.SetAttribute(key, "data:image/png;base64," + std::string(31'000, 'A'));
    Span large = tracer().StartSpan("large");
    large.SetAttribute(key, "data:image/png;base64," + std::string(32'000, 'A'));
    large.SetAttribute("input.value", std::string(40'000, 'x'));
  }
  EXPECT_EQ(std::get<std::string>(Finish("small").attributes.at(key)).size(), 31'022U);
  EXPECT_EQ(Received("large").attributes.at(key), sdk_test::Value("__REDACTED__"));
  EXPECT_EQ(std::get<std::string>(Received("large").attributes.at("input.value")).size(), 40'000U);
}

// A history of 60 messages, too long to be flattened: one text and one image in each.
std::string LongHistory(std::size_t image_bytes) {
  std::string messages = "[";
  for (int i = 0; i < 60; ++i) {
    messages += i == 0 ? "" : ", ";
    messages += R"({"role": "user", "content": [{"type": "text", "text": "my secret"}, {"type": "image_url",
        "image_url": {"url": "data:image/png;base64,)" +
                std::string(image_bytes, 'A') + R"("}}]})";
  }
  return messages + "]";
}

// An answer with 60 tool calls: too long as well.
std::string LongAnswer() {
  std::string calls;
  for (int i = 0; i < 60; ++i) {
    calls += i == 0 ? "" : ", ";
    calls += R"({"id": "call", "type": "function", "function": {"name": "f", "arguments": "{}"}})";
  }
  return R"({"choices": [{"message": {"role": "assistant", "content": "my secret", "tool_calls": [)" + calls + "]}}]}";
}

TEST_F(MaskingTest, AListKeptWholeIsHiddenToo) {
  const std::string input = "llm.input_messages";
  const std::string output = "llm.output_messages";
  struct Case {
    std::string variable;
    std::string value;
    std::string redacted = {};  // of the two lists, the one that is
    std::string left_out = {};
  };
  for (const Case& c : std::vector<Case>{{"OPENINFERENCE_HIDE_INPUT_TEXT", "true", input},
                                         {"OPENINFERENCE_HIDE_INPUT_IMAGES", "true", input},
                                         {"OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH", "121", input},
                                         {"OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH", "122"},
                                         {"OPENINFERENCE_HIDE_OUTPUT_TEXT", "true", output},
                                         {"OPENINFERENCE_HIDE_INPUT_MESSAGES", "true", "", input},
                                         {"OPENINFERENCE_HIDE_OUTPUT_MESSAGES", "true", "", output},
                                         {"OPENINFERENCE_HIDE_INPUTS", "true", "", input},
                                         {"OPENINFERENCE_HIDE_OUTPUTS", "true", "", output},
                                         {"OPENINFERENCE_HIDE_LLM_TOOLS", "true"}}) {
    SetVariable(c.variable, c.value);
    Start();
    {
      Span span = LlmSpan("m", LongHistory(100));  // with "data:image/png;base64," an image has 122 bytes
      RecordLlmOutput(span, LongAnswer());
      span.UpdateName(c.variable + c.value);
    }
    const sdk_test::ReceivedSpan span = Finish(c.variable + c.value);
    unsetenv(c.variable.c_str());
    for (const std::string& list : {input, output}) {
      if (c.left_out == list) {
        EXPECT_FALSE(span.attributes.contains(list)) << c.variable;
        continue;
      }
      const auto& text = std::get<std::string>(span.attributes.at(list));
      if (c.redacted == list) {
        EXPECT_EQ(text, "__REDACTED__") << c.variable;
      } else {
        EXPECT_NE(text.find("my secret"), std::string::npos) << c.variable << " " << list;
      }
    }
  }
}

TEST_F(MaskingTest, ALongImageInAListKeptWhole) {
  Start();
  LlmSpan("m", LongHistory(32'000)).UpdateName("large");
  LlmSpan("m", LongHistory(31'000)).UpdateName("small");
  EXPECT_EQ(Finish("large").attributes.at("llm.input_messages"), sdk_test::Value("__REDACTED__"));
  EXPECT_GT(std::get<std::string>(Received("small").attributes.at("llm.input_messages")).size(), 60U * 31'000);
}

}  // namespace
}  // namespace nightjar
