// Spans of an LLM application: model calls, tool calls, retrievals, agent runs and the rest of OpenInference's kinds,
// each an active span that ends with its scope.
//
//   mission's text (Python)                      here
//   init_tracing(service_name, endpoint, ...)    InitTracing({.service_name, .endpoint, .console})    tracing.h
//   tracer()                                     tracer()                                            tracing.h
//   llm_span(model, messages, temperature)       LlmSpan(model, messages_json, temperature)
//   record_llm_output(span, response)            RecordLlmOutput(span, response_json)
//   tool_span(name, arguments)                   ToolSpan(name, arguments_json)
//   retrieval_span(query, top_k)                 RetrievalSpan(query, top_k)
//   record_retrieval_output(span, docs)          RecordRetrievalOutput(span, documents)
//   start_as_current_span("agent.run")           AgentSpan(goal)
//   the `try: … except` in each of them          Traced(span, work)
//
// JSON is taken in the form of OpenAI's chat API and written as OpenInference's flattened attributes, such as
// llm.input_messages.0.message.role. A list that is not of this form, or too long for the span's attribute limit, is
// kept whole as one JSON string under the list's name. Nothing throws, but what `work` throws.
//
// Threads: all may start spans at once; one at a time may use a Span.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nightjar/span.h"

namespace nightjar {

// One call of a chat model, named "llm.chat". `messages_json` is the JSON array that is sent to the model.
//   Span span = LlmSpan("gpt-4o", R"([{"role": "user", "content": "Hello"}])", 0.7);
Span LlmSpan(std::string_view model, std::string_view messages_json, double temperature = 0.0) noexcept;

// What a call of a chat model is made of; what is empty is not recorded.
struct LlmCall {
  std::string_view model = {};
  std::string_view messages_json = {};
  std::string_view parameters_json = {};  // what else is sent, such as {"temperature": 0.7, "max_tokens": 100}
  std::string_view tools_json = {};       // the array `tools` of the request
  std::string_view provider = {};         // openai, anthropic, azure, ollama, … as OpenInference lists them
};
//   Span span = LlmSpan({.model = "gpt-4o", .messages_json = messages, .provider = "openai"});
Span LlmSpan(const LlmCall& call) noexcept;

// Takes the choices' messages, the finish reason, the model and the token counts from an OpenAI-shaped response. Counts
// that the response does not have are left out. A response without a message is kept whole as output.value.
//   RecordLlmOutput(span, R"({"choices": [{"message": {"role": "assistant", "content": "Hi"}}]})");
void RecordLlmOutput(Span& span, std::string_view response_json) noexcept;

// The answer of a streamed call, put together from its chunks. Use it while the span runs, on one thread at a time.
//   LlmStream stream(span);
//   while (NextChunk(json)) stream.Add(json);   // the texts behind "data: "
//   stream.Finish();                            // records what came, also when it broke off
//   return stream.response_json();
class LlmStream {
 public:
  explicit LlmStream(Span& span) noexcept : span_(span) {}
  // One chat.completion.chunk; "[DONE]" and what is no chunk are ignored. The first one with words or a tool call marks
  // the time to the first token: the event "First Token Stream Event".
  void Add(std::string_view chunk_json) noexcept;
  // The whole answer as an OpenAI-shaped response, as a call without streaming has it. Empty when there is no memory.
  [[nodiscard]] std::string response_json() const noexcept;
  void Finish() noexcept;

 private:
  struct ToolCall {
    std::string id;
    std::string name;
    std::string arguments;
  };
  void AddDelta(std::string_view delta);

  Span& span_;
  bool begun_ = false;
  std::string content_;
  std::map<std::int64_t, ToolCall> tool_calls_;  // by `index`
  std::string finish_reason_;
  std::string model_;
  std::string usage_json_;
};

// One run of a tool, named "tool.<name>". `call_id` is the id the model gave the call.
//   Span span = ToolSpan("weather", R"({"place": "Ulm"})", "call_1");
//   RecordOutput(span, R"({"celsius": 21})");
Span ToolSpan(std::string_view name, std::string_view arguments_json, std::string_view call_id = {}) noexcept;

// One search for documents, named "retrieval".
//   Span span = RetrievalSpan("how to back up", 3);
//   RecordRetrievalOutput(span, std::vector<RetrievedDocument>{{.id = "doc-1", .score = 0.9, .text = "Back up…"}});
Span RetrievalSpan(std::string_view query, std::int64_t top_k) noexcept;

// A document, or a part of one.
struct RetrievedDocument {
  std::string id;
  double score = 0.0;
  std::string text;  // the first 500 characters are recorded
};
// The documents that were found, best first.
void RecordRetrievalOutput(Span& span, std::span<const RetrievedDocument> documents) noexcept;

// One ordering of documents by a model, named "rerank"; the documents that go in, and those that come out.
//   Span span = RerankerSpan("how to back up", "rerank-v3", 3, found);
//   RecordRerankerOutput(span, found);
Span RerankerSpan(std::string_view query, std::string_view model, std::int64_t top_k,
                  std::span<const RetrievedDocument> documents) noexcept;
// The documents in their new order.
void RecordRerankerOutput(Span& span, std::span<const RetrievedDocument> documents) noexcept;

// One call of an embedding model, named "CreateEmbeddings".
//   Span span = EmbeddingSpan("text-embedding-3-small", std::vector<std::string>{"a text"});
//   RecordEmbeddingOutput(span, std::vector<std::vector<double>>{{0.1, -0.2}});
Span EmbeddingSpan(std::string_view model, std::span<const std::string> texts) noexcept;
// The vectors of the texts, in their order.
void RecordEmbeddingOutput(Span& span, std::span<const std::vector<double>> vectors) noexcept;

// One run of an agent, named "agent.run": the parent of its model and tool calls.
//   Span span = AgentSpan(question, "researcher");
Span AgentSpan(std::string_view goal, std::string_view agent_name = {}) noexcept;

// A step that is none of the others, under a name of its own.
//   Span step = ChainSpan("rewrite", question);
Span ChainSpan(std::string_view name, std::string_view input) noexcept;
// A check of what goes into or comes out of a model.
//   Span check = GuardrailSpan("no secrets", question);
Span GuardrailSpan(std::string_view name, std::string_view input) noexcept;
// A judgement of another span's output.
//   Span judge = EvaluatorSpan("is it polite", "Hi!");
//   RecordEvaluation(judge, {.name = "politeness", .score = 0.8, .label = "polite"});
Span EvaluatorSpan(std::string_view name, std::string_view input) noexcept;
// What a judgement came to.
struct Evaluation {
  std::string_view name = {};
  double score = 0.0;
  std::string_view label = {};        // empty: none
  std::string_view explanation = {};  // empty: none
};
// Adds the judgement to the span.
void RecordEvaluation(Span& span, const Evaluation& evaluation) noexcept;

// output.value of any span; JSON text is marked as such.
void RecordOutput(Span& span, std::string_view output) noexcept;

// Contexts. Every span that starts on this thread while the scope lives gets the attributes, and its children too.
//   const Scope user = UsingUser("ada");
//   const Scope session = UsingSession("s-1");
//   const Scope metadata = UsingMetadata(R"({"plan": "free"})");
//   const Scope tags = UsingTags(std::vector<std::string>{"beta"});
//   const Scope prompt = UsingPromptTemplate({.text = "Answer {question}", .version = "v2"});
[[nodiscard]] Scope UsingSession(std::string_view session_id) noexcept;      // session.id
[[nodiscard]] Scope UsingUser(std::string_view user_id) noexcept;            // user.id
[[nodiscard]] Scope UsingMetadata(std::string_view metadata_json) noexcept;  // metadata
[[nodiscard]] Scope UsingTags(std::span<const std::string> tags) noexcept;   // tag.tags
// The template that a prompt was made of.
struct PromptTemplate {
  std::string_view text = {};            // "Answer {question} from {chunks}"
  std::string_view variables_json = {};  // {"question": "…"}
  std::string_view version = {};
};
[[nodiscard]] Scope UsingPromptTemplate(const PromptTemplate& prompt) noexcept;  // llm.prompt_template.*
// All at once; what is empty is left as it is.
//   const Scope scope = UsingAttributes({.session_id = "s-1", .user_id = "ada"});
struct ContextAttributes {
  std::string_view session_id = {};
  std::string_view user_id = {};
  std::string_view metadata_json = {};
  std::span<const std::string> tags = {};
  PromptTemplate prompt = {};
};
// As those above, in one scope.
[[nodiscard]] Scope UsingAttributes(const ContextAttributes& attributes) noexcept;

// Runs `work` inside `span` and returns what it returns. An exception that leaves `work`, of whatever type, is recorded
// on the span with status ERROR and thrown on, unchanged. Throws nothing else.
//   return Traced(span, [&] { return Ask(question); });
template <typename Work>
decltype(auto) Traced(Span& span, Work&& work) {
  try {
    return std::invoke(std::forward<Work>(work));
  } catch (const std::exception& exception) {
    span.RecordException(exception);
    span.SetStatus(SpanStatus::kError, exception.what());
    throw;
  } catch (...) {
    span.RecordCurrentException();
    span.SetStatus(SpanStatus::kError);
    throw;
  }
}

}  // namespace nightjar
