// The shapes are those that other trace stores were measured with, so that their published figures can be set
// beside ours: sizes, attribute counts and how often values recur matter, the words do not.
#include "bench/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "bench/words.h"
#include "client/otlp_writer.h"
#include "model/span.h"

namespace nightjar::bench {
namespace {

using model::Attributes;

constexpr UnixNanos kWindow = 600'000'000'000;
constexpr UnixNanos kMillisecond = 1'000'000;
constexpr std::size_t kDocuments = 2000;
constexpr std::size_t kSystemPrompts = 8;
constexpr std::size_t kServices = 10;
constexpr std::string_view kProject = "bench";
constexpr std::array<const char*, 6> kModels = {"gpt-4o",         "gpt-4o-mini",   "claude-sonnet-4",
                                                "gemini-2.5-pro", "llama-3.3-70b", "mistral-large"};
constexpr std::array<const char*, 3> kTiers = {"free", "pro", "team"};

// Services of the two LLM data sets; an index into the resources of a batch.
enum Service : std::uint32_t { kApi, kGateway, kVectors, kTools };
constexpr std::array<const char*, 4> kServiceNames = {"agent-api", "llm-gateway", "vector-store", "tools"};

// A bijection on 64 bits (the finaliser of splitmix64): counters become ids that look random and never repeat.
std::uint64_t Scatter(std::uint64_t counter) {
  counter += 0x9e3779b97f4a7c15;
  counter = (counter ^ (counter >> 30)) * 0xbf58476d1ce4e5b9;
  counter = (counter ^ (counter >> 27)) * 0x94d049bb133111eb;
  return counter ^ (counter >> 31);
}

struct ChatMessage {
  const char* role;
  std::string text;
};

struct ModelCall {
  const char* model;
  const std::vector<ChatMessage>& history;
  const std::string& answer;
};

}  // namespace

class BodyMaker::Generator {
 public:
  explicit Generator(const WorkloadOptions& options) : dataset_(options.dataset), seed_(options.seed), words_(seed_) {
    for (std::size_t i = 0; i < kDocuments; ++i) documents_.push_back(words_.Text(500));
    for (std::size_t i = 0; i < kSystemPrompts; ++i)
      prompts_.push_back("You are a careful assistant. " + words_.Text(450));
    StartBatch();
  }

  [[nodiscard]] std::size_t pending_spans() const { return batch_.spans.size(); }

  void AddTrace(UnixNanos start) {
    trace_id_ = TraceIdOf(seed_, trace_number_);
    switch (dataset_) {
      case Dataset::kJaeger: AddJaegerTrace(start); break;
      case Dataset::kLlm: AddLlmTrace(start); break;
      case Dataset::kAgent30: AddConversation(start); break;
    }
    ++trace_number_;
  }

  Body TakeBody() {
    Body body{client::WriteOtlp(batch_), batch_.spans.size()};
    StartBatch();
    return body;
  }

 private:
  void StartBatch() {
    batch_ = {};
    const bool jaeger = dataset_ == Dataset::kJaeger;
    batch_.scopes.push_back({.name = jaeger ? "tracegen" : "openinference.instrumentation"});
    for (std::size_t i = 0; i < (jaeger ? kServices : kServiceNames.size()); ++i) {
      Attributes attributes = {{"service.name", jaeger ? fmt::format("tracegen-{:02}", i) : kServiceNames[i]},
                               {"service.version", "1.4.2"},
                               {"deployment.environment", "bench"}};
      if (!jaeger) attributes.push_back({"openinference.project.name", std::string(kProject)});
      batch_.resources.push_back({.attributes = std::move(attributes)});
    }
  }

  model::Span NewSpan(std::string name, const SpanId& parent, std::uint32_t service) {
    model::Span span;
    span.trace_id = trace_id_;
    const std::uint64_t number = Scatter(++span_number_ + (seed_ << 40));
    std::memcpy(span.span_id.bytes.data(), &number, sizeof number);
    span.parent_span_id = parent;
    span.name = std::move(name);
    span.kind = model::SpanKind::kInternal;
    span.status = model::StatusCode::kOk;
    span.resource = service;
    return span;
  }

  void AddJaegerTrace(UnixNanos start) {
    constexpr UnixNanos kStep = 123'000;
    const auto service = static_cast<std::uint32_t>(trace_number_ % kServices);
    model::Span root = NewSpan("lets-go", SpanId(), service);
    root.kind = model::SpanKind::kServer;
    root.start_unix_ns = start;
    root.end_unix_ns = start + 9 * kStep;
    root.attributes = {{"peer.service", "tracegen-server"}, {"peer.host.ipv4", "1.1.1.1"}};
    const SpanId root_id = root.span_id;
    batch_.spans.push_back(std::move(root));
    for (unsigned child = 0; child < 9; ++child) {
      model::Span span = NewSpan(fmt::format("child-span-{:02}", child), root_id, service);
      span.kind = model::SpanKind::kClient;
      span.start_unix_ns = start + child * kStep;
      span.end_unix_ns = span.start_unix_ns + kStep;
      for (int i = 0; i < 11; ++i) {
        span.attributes.push_back({fmt::format("attr_{:02}", key_), fmt::format("val_{:02}", value_)});
        key_ = (key_ + 1) % 97;
        value_ = (value_ + 1) % 1000;
      }
      batch_.spans.push_back(std::move(span));
    }
  }

  // A model call with flattened messages; ends when its tokens would have been written.
  model::Span NewModelCall(const SpanId& parent, UnixNanos start, const ModelCall& call) {
    model::Span span = NewSpan("ChatCompletion", parent, kGateway);
    span.kind = model::SpanKind::kClient;
    Attributes& to = span.attributes;
    to = {{"openinference.span.kind", "LLM"},
          {"llm.model_name", call.model},
          {"llm.provider", "example"},
          {"llm.invocation_parameters", R"({"temperature": 0.2, "max_tokens": 1024, "top_p": 1.0})"}};
    std::size_t input_bytes = 48;
    for (std::size_t i = 0; i < call.history.size(); ++i) {
      to.push_back({fmt::format("llm.input_messages.{}.message.role", i), call.history[i].role});
      to.push_back({fmt::format("llm.input_messages.{}.message.content", i), call.history[i].text});
      input_bytes += call.history[i].text.size();
    }
    const auto prompt = static_cast<std::int64_t>(input_bytes / 4);
    const auto completion = static_cast<std::int64_t>(call.answer.size() / 4 + 3);
    to.push_back({"llm.output_messages.0.message.role", "assistant"});
    to.push_back({"llm.output_messages.0.message.content", call.answer});
    to.push_back({"llm.token_count.prompt", prompt});
    to.push_back({"llm.token_count.completion", completion});
    to.push_back({"llm.token_count.total", prompt + completion});
    to.push_back({"llm.cost.total", static_cast<double>(prompt) * 2.5e-6 + static_cast<double>(completion) * 1e-5});
    span.start_unix_ns = start;
    span.end_unix_ns = start + (200 + static_cast<UnixNanos>(completion) * 12 + words_.Below(900)) * kMillisecond;
    return span;
  }

  model::Span NewRetrieval(const SpanId& parent, UnixNanos start, const std::string& question, std::string* context) {
    model::Span span = NewSpan("VectorStoreRetriever", parent, kVectors);
    span.start_unix_ns = start;
    span.end_unix_ns = start + (5 + words_.Below(60)) * kMillisecond;
    span.attributes = {{"openinference.span.kind", "RETRIEVER"}, {"input.value", question}};
    for (int i = 0; i < 5; ++i) {
      const std::size_t number = words_.Below(kDocuments);
      const std::string prefix = fmt::format("retrieval.documents.{}.document.", i);
      span.attributes.push_back({prefix + "id", fmt::format("doc-{:04}", number)});
      span.attributes.push_back({prefix + "score", 1 - 0.07 * i - 0.05 * words_.Fraction()});
      span.attributes.push_back({prefix + "content", documents_[number]});
      if (i < 2) *context += documents_[number] + "\n";
    }
    return span;
  }

  model::Span NewEmbedding(const SpanId& parent, UnixNanos start, const std::string& question) {
    model::Span span = NewSpan("CreateEmbeddings", parent, kGateway);
    span.start_unix_ns = start;
    span.end_unix_ns = start + (30 + words_.Below(40)) * kMillisecond;
    span.attributes = {{"openinference.span.kind", "EMBEDDING"},
                       {"embedding.model_name", "text-embedding-3-small"},
                       {"embedding.embeddings.0.embedding.text", question},
                       {"llm.token_count.prompt", static_cast<std::int64_t>(question.size() / 4)}};
    return span;
  }

  model::Span NewTool(const SpanId& parent, UnixNanos start, const std::string& name, const std::string& output) {
    model::Span span = NewSpan(name, parent, kTools);
    span.start_unix_ns = start;
    span.end_unix_ns = start + (20 + words_.Below(400)) * kMillisecond;
    span.attributes = {{"openinference.span.kind", "TOOL"}, {"tool.name", name}, {"output.value", output}};
    return span;
  }

  // app.request_id names one trace, a session six of them; one trace in 50 has an error.
  void AddLlmTrace(UnixNanos start) {
    const char* model = kModels[words_.Below(kModels.size())];
    const std::string question = words_.Text(120), plan = words_.Text(160), draft = words_.Text(300);
    const std::string tool_output = words_.Text(300), answer = words_.Text(400);
    const std::string arguments = R"({"query": ")" + words_.Text(40) + R"("})";
    model::Span root = NewSpan("agent.run", SpanId(), kApi);
    model::Span chain = NewSpan("plan", root.span_id, kApi);
    model::Span embedding = NewEmbedding(chain.span_id, start + 2 * kMillisecond, question);
    std::string context = "Context:\n";
    model::Span retrieval = NewRetrieval(chain.span_id, embedding.end_unix_ns, question, &context);
    std::vector<ChatMessage> history = {{"system", prompts_[trace_number_ % kSystemPrompts]}, {"user", question}};
    model::Span first = NewModelCall(chain.span_id, retrieval.end_unix_ns, {model, history, plan});
    model::Span tool = NewTool(root.span_id, first.end_unix_ns, "search_orders", tool_output);
    tool.attributes.push_back({"tool.parameters", arguments});
    tool.attributes.push_back({"input.value", arguments});
    if (trace_number_ % 50 == 0) {
      tool.status = model::StatusCode::kError;
      tool.status_message = "upstream timeout after 400 ms";
    }
    history.insert(history.end(), {{"assistant", plan}, {"tool", tool_output}});
    model::Span second = NewModelCall(root.span_id, tool.end_unix_ns, {model, history, draft});
    history.insert(history.end(), {{"assistant", draft}, {"user", context}});
    model::Span third = NewModelCall(root.span_id, second.end_unix_ns, {model, history, answer});
    chain.start_unix_ns = start + kMillisecond;
    chain.end_unix_ns = first.end_unix_ns;
    chain.attributes = {{"openinference.span.kind", "CHAIN"}, {"input.value", question}, {"output.value", plan}};
    root.kind = model::SpanKind::kServer;
    root.start_unix_ns = start;
    root.end_unix_ns = third.end_unix_ns + kMillisecond;
    root.attributes = {{"openinference.span.kind", "AGENT"},
                       {"input.value", question},
                       {"input.mime_type", "text/plain"},
                       {"output.value", answer},
                       {"metadata", fmt::format(R"({{"tier": "{}"}})", kTiers[trace_number_ % kTiers.size()])}};
    const std::string session = fmt::format("session-{:06}", trace_number_ / 6);
    for (model::Span* span : {&root, &chain, &embedding, &retrieval, &first, &tool, &second, &third})
      Push(std::move(*span), session);
  }

  void AddConversation(UnixNanos start) {
    const char* model = kModels[words_.Below(kModels.size())];
    const std::string session = fmt::format("session-{:06}", trace_number_);
    model::Span root = NewSpan("conversation", SpanId(), kApi);
    root.start_unix_ns = start;
    root.attributes = {{"openinference.span.kind", "AGENT"}};
    std::vector<ChatMessage> history = {{"system", prompts_[trace_number_ % kSystemPrompts]}};
    UnixNanos at = start + kMillisecond;
    for (std::int64_t turn = 0; turn < 30; ++turn) {
      const std::string question = words_.Text(150), found = words_.Text(250), answer = words_.Text(300);
      model::Span chain = NewSpan("turn", root.span_id, kApi);
      model::Span tool = NewTool(chain.span_id, at, "lookup", found);
      history.insert(history.end(), {{"user", question}, {"tool", found}});
      model::Span call = NewModelCall(chain.span_id, tool.end_unix_ns, {model, history, answer});
      history.push_back({"assistant", answer});
      chain.start_unix_ns = at;
      chain.end_unix_ns = call.end_unix_ns;
      chain.attributes = {{"openinference.span.kind", "CHAIN"},
                          {"agent.turn", turn},
                          {"input.value", question},
                          {"output.value", answer}};
      at = call.end_unix_ns + kMillisecond;
      for (model::Span* span : {&chain, &tool, &call}) Push(std::move(*span), session);
    }
    root.end_unix_ns = at;
    Push(std::move(root), session);
  }

  void Push(model::Span span, const std::string& session) {
    span.attributes.push_back({"session.id", session});
    span.attributes.push_back({"user.id", fmt::format("user-{:04}", Scatter(trace_number_ / 6) % 5000)});
    span.attributes.push_back({"app.request_id", fmt::format("req-{:09}", trace_number_)});
    batch_.spans.push_back(std::move(span));
  }

  const Dataset dataset_;
  const std::uint64_t seed_;
  Words words_;
  std::vector<std::string> documents_;  // retrieved again and again, as in life
  std::vector<std::string> prompts_;
  model::SpanBatch batch_;
  TraceId trace_id_;
  std::uint64_t trace_number_ = 0;
  std::uint64_t span_number_ = 0;
  int key_ = 0;
  int value_ = 0;
};

namespace {

std::size_t SpansPerTrace(Dataset dataset) {
  switch (dataset) {
    case Dataset::kJaeger: return 10;
    case Dataset::kLlm: return 8;
    case Dataset::kAgent30: return 91;
  }
  CHECK(false);
}

constexpr std::array<std::pair<Dataset, std::string_view>, 3> kNames = {
    {{Dataset::kJaeger, "jaeger"}, {Dataset::kLlm, "llm"}, {Dataset::kAgent30, "agent30"}}};

}  // namespace

std::string_view ToString(Dataset dataset) {
  const auto* found = std::ranges::find(kNames, dataset, &std::pair<Dataset, std::string_view>::first);
  CHECK(found != kNames.end());
  return found->second;
}

Result<Dataset> DatasetFromName(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name, &std::pair<Dataset, std::string_view>::second);
  if (found == kNames.end())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("no data set {}; there are jaeger, llm and agent30", name));
  return found->first;
}

TraceId TraceIdOf(std::uint64_t seed, std::uint64_t number) {
  number += seed << 40;
  TraceId id;
  const std::array<std::uint64_t, 2> halves = {Scatter(number), Scatter(number ^ 0x4000'0000'0000'0000)};
  std::memcpy(id.bytes.data(), halves.data(), sizeof halves);
  return id;
}

std::size_t TraceCount(const WorkloadOptions& options) {
  const std::size_t per_trace = SpansPerTrace(options.dataset);
  return (options.spans + per_trace - 1) / per_trace;
}

std::string_view ProjectOf(Dataset dataset) { return dataset == Dataset::kJaeger ? "default" : kProject; }

std::string_view SearchOf(Dataset dataset) {
  switch (dataset) {
    case Dataset::kJaeger: return "attributes.attr_05:val_105";
    case Dataset::kLlm: return "status:error";
    case Dataset::kAgent30: return "attributes.agent.turn=7";
  }
  CHECK(false);
}

BodyMaker::BodyMaker(const WorkloadOptions& options)
    : options_(options), generator_(std::make_unique<Generator>(options_)) {}

BodyMaker::~BodyMaker() = default;

std::vector<Body> BodyMaker::Make(std::size_t spans) {
  const std::size_t per_trace = SpansPerTrace(options_.dataset);
  const std::size_t traces = TraceCount(options_);
  std::vector<Body> bodies;
  for (std::size_t made = 0; made < spans && next_trace_ < traces; ++next_trace_) {
    generator_->AddTrace(options_.end_unix_ns - kWindow + kWindow / traces * next_trace_);
    if (next_trace_ + 1 < traces && generator_->pending_spans() + per_trace <= options_.spans_per_body) continue;
    bodies.push_back(generator_->TakeBody());
    made += bodies.back().spans;
  }
  return bodies;
}

std::vector<Body> MakeBodies(const WorkloadOptions& options) {
  return BodyMaker(options).Make(std::numeric_limits<std::size_t>::max());
}

}  // namespace nightjar::bench
