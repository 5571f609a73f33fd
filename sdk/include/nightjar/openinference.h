// Attribute names and span kinds of the OpenInference semantic conventions, and the few the text's stack adds.
//
// Threads: these are constants.
#pragma once

#include <string_view>

namespace nightjar::openinference {

inline constexpr std::string_view kSpanKind = "openinference.span.kind";
inline constexpr std::string_view kInputValue = "input.value";
inline constexpr std::string_view kInputMimeType = "input.mime_type";
inline constexpr std::string_view kOutputValue = "output.value";
inline constexpr std::string_view kOutputMimeType = "output.mime_type";
inline constexpr std::string_view kSessionId = "session.id";
inline constexpr std::string_view kUserId = "user.id";
inline constexpr std::string_view kMetadata = "metadata";
inline constexpr std::string_view kTagTags = "tag.tags";

inline constexpr std::string_view kLlmModelName = "llm.model_name";
inline constexpr std::string_view kLlmProvider = "llm.provider";
inline constexpr std::string_view kLlmInvocationParameters = "llm.invocation_parameters";
inline constexpr std::string_view kLlmInputMessages = "llm.input_messages";
inline constexpr std::string_view kLlmOutputMessages = "llm.output_messages";
inline constexpr std::string_view kLlmTokenCountPrompt = "llm.token_count.prompt";
inline constexpr std::string_view kLlmTokenCountCompletion = "llm.token_count.completion";
inline constexpr std::string_view kLlmTokenCountTotal = "llm.token_count.total";

inline constexpr std::string_view kLlmTools = "llm.tools";
inline constexpr std::string_view kLlmFinishReason = "llm.finish_reason";
inline constexpr std::string_view kLlmResponseModelName = "llm.response.model_name";
inline constexpr std::string_view kLlmTokenCountCacheRead = "llm.token_count.prompt_details.cache_read";
inline constexpr std::string_view kLlmTokenCountPromptAudio = "llm.token_count.prompt_details.audio";
inline constexpr std::string_view kLlmTokenCountReasoning = "llm.token_count.completion_details.reasoning";
inline constexpr std::string_view kLlmTokenCountCompletionAudio = "llm.token_count.completion_details.audio";
inline constexpr std::string_view kLlmPromptTemplate = "llm.prompt_template.template";
inline constexpr std::string_view kLlmPromptTemplateVariables = "llm.prompt_template.variables";
inline constexpr std::string_view kLlmPromptTemplateVersion = "llm.prompt_template.version";

inline constexpr std::string_view kAgentName = "agent.name";
inline constexpr std::string_view kToolName = "tool.name";
inline constexpr std::string_view kToolId = "tool.id";
inline constexpr std::string_view kRetrievalDocuments = "retrieval.documents";
inline constexpr std::string_view kRetrievalTopK = "retrieval.top_k";

inline constexpr std::string_view kRerankerQuery = "reranker.query";
inline constexpr std::string_view kRerankerModelName = "reranker.model_name";
inline constexpr std::string_view kRerankerTopK = "reranker.top_k";
inline constexpr std::string_view kRerankerInputDocuments = "reranker.input_documents";
inline constexpr std::string_view kRerankerOutputDocuments = "reranker.output_documents";
inline constexpr std::string_view kEmbeddingModelName = "embedding.model_name";
inline constexpr std::string_view kEmbeddings = "embedding.embeddings";
inline constexpr std::string_view kEvaluations = "evaluations";

inline constexpr std::string_view kTextPlain = "text/plain";  // values of the mime types
inline constexpr std::string_view kJson = "application/json";

// Values of kSpanKind.
inline constexpr std::string_view kLlm = "LLM";
inline constexpr std::string_view kEmbedding = "EMBEDDING";
inline constexpr std::string_view kChain = "CHAIN";
inline constexpr std::string_view kRetriever = "RETRIEVER";
inline constexpr std::string_view kReranker = "RERANKER";
inline constexpr std::string_view kTool = "TOOL";
inline constexpr std::string_view kAgent = "AGENT";
inline constexpr std::string_view kGuardrail = "GUARDRAIL";
inline constexpr std::string_view kEvaluator = "EVALUATOR";

}  // namespace nightjar::openinference
