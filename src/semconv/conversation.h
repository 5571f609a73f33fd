// What the prompts of a conversation have in common: which messages a call adds to an earlier one's, where its prompt
// stops being the same, and what the results of tools cost in every prompt that carries them. Pure.
//
// A message is known by its role and content, not by ids that change from call to call, nor by its reasoning, which
// prompts leave out. Nothing is compared twice: each message is hashed once, and the prompts share a tree of hashes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/llm_view.h"

namespace nightjar::semconv {

// US dollars for a million tokens, as far as the price of the call tells.
struct PromptRates {
  std::optional<double> input;
  std::optional<double> cache_read;
};

struct ConversationCall {
  TraceId trace_id;
  SpanId span_id;
  UnixNanos start_unix_ns = 0;
  std::string model;
  std::optional<std::uint64_t> prompt_tokens, cache_read_tokens, cache_write_tokens;

  std::size_t thread = 0;               // number of the chain of calls it continues
  std::optional<std::size_t> previous;  // among Conversation::calls: the call whose prompt it continues
  std::size_t message_count = 0;
  std::uint64_t characters = 0;
  // How much of the beginning of both prompts is the same; 0 without `previous`.
  std::size_t shared_messages = 0;
  std::uint64_t shared_characters = 0;

  struct NewMessage {
    std::size_t index = 0;  // among the input messages
    std::string role;
    std::uint64_t characters = 0;
    bool was_output = false;  // what the previous call returned
  };
  // Not in the prompt of `previous`; all of them without it. At most kNewMessagesMax.
  std::vector<NewMessage> new_messages;
  std::size_t new_message_count = 0;

  // Where a prompt cache that holds the previous prompt must stop.
  enum class Break { kNone, kModel, kTools, kSystem, kMessage };
  Break cache_break = Break::kNone;
  std::size_t break_index = 0;  // kSystem, kMessage: the first message that differs
};
constexpr std::size_t kNewMessagesMax = 100;

// The results of one tool, and what they add to prompts: in the prompt that first carries a result, and in every later
// one. `measured`: the provider counted the prompts before and after this one result was added, and what the model
// returned in between. `estimated`: the result's share of the prompt's characters.
struct ToolCost {
  std::uint64_t results = 0;
  std::uint64_t characters = 0;
  std::uint64_t carried = 0;  // prompts that carry one, once for each
  std::optional<std::uint64_t> measured_tokens;
  std::optional<std::uint64_t> estimated_tokens;
  std::uint64_t uncounted = 0;     // of `carried`: the prompt's tokens are unknown
  std::optional<double> cost_usd;  // of the tokens whose rate is known
  std::uint64_t unpriced_tokens = 0;
};

struct Conversation {
  std::vector<ConversationCall> calls;
  std::map<std::string, ToolCost> tools;  // by name; "" where it is not told
};

// Belongs to one thread.
class ConversationBuilder {
 public:
  ConversationBuilder();
  ~ConversationBuilder();

  // A call of a model, in the order of time. One without input messages is passed over.
  // REQUIRES: view.llm
  void Add(const TraceId& trace_id, const SpanId& span_id, UnixNanos start_unix_ns, const model::LlmView& view,
           const PromptRates& rates);
  Conversation Build() &&;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::semconv
