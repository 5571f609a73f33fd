// Prompts are paths in a tree whose edges are messages. Instructions that come first are left out of the path, so that
// a conversation whose instructions changed is still one. A node knows the last call that went through it; the deepest
// node on a prompt's path that was there before leads to the call that it continues.
#include "semconv/conversation.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "semconv/internal/message_identity.h"

namespace nightjar::semconv {
namespace {

using internal::Identity;
using MessageNumber = std::uint32_t;
using NodeNumber = std::uint32_t;

struct ToolResult {
  std::string tool;
  std::uint64_t characters = 0;
};

// A message that occurs in some prompt.
struct KnownMessage {
  std::string role;
  std::uint64_t characters = 0;
  std::vector<ToolResult> results;
  std::optional<std::uint64_t> measured_tokens;  // of its one result
  std::size_t marked = 0;                        // number of the last comparison in which it was in the earlier prompt
};

// What is kept of a call to compare later ones with.
struct Prompt {
  std::vector<MessageNumber> messages;
  std::vector<Identity> outputs;
  Identity tools;
  bool has_tools = false;
  std::optional<std::uint64_t> visible_completion_tokens;  // without reasoning
};

// Tokens before they are rounded.
struct Tally {
  ToolCost cost;
  double estimated_tokens = 0;
  double unpriced_tokens = 0;
};

std::uint64_t ResultCharacters(const model::Part& part) {
  model::Message alone{.content = {part}};
  return internal::CharactersOf(alone);
}

// Names of tools by the ids of their calls.
std::map<std::string_view, std::string_view> ToolNames(const std::vector<model::Message>& messages) {
  std::map<std::string_view, std::string_view> names;
  for (const model::Message& message : messages)
    for (const model::Part& part : message.content)
      if (part.type == model::Part::Type::kToolCall && !part.id.empty()) names[part.id] = part.name;
  return names;
}

}  // namespace

class ConversationBuilder::Impl {
 public:
  void Add(ConversationCall call, const model::LlmView& view, const PromptRates& rates) {
    const model::Llm& llm = *view.llm;
    Prompt prompt{.messages = Numbers(llm.input_messages),
                  .outputs = {},
                  .tools = internal::IdentityOf(llm.tools),
                  .has_tools = !llm.tools.empty(),
                  .visible_completion_tokens = std::nullopt};
    for (const model::Message& message : llm.output_messages) prompt.outputs.push_back(internal::IdentityOf(message));
    if (view.tokens && view.tokens->completion && view.tokens->reasoning.value_or(0) <= *view.tokens->completion)
      prompt.visible_completion_tokens = *view.tokens->completion - view.tokens->reasoning.value_or(0);

    call.message_count = prompt.messages.size();
    for (const MessageNumber number : prompt.messages) call.characters += messages_[number].characters;
    call.previous = Follow(prompt);
    call.thread = call.previous ? out_.calls[*call.previous].thread : threads_++;
    const std::vector<bool> is_new = Compare(prompt, call);
    Measure(prompt, call, is_new);
    AddToolCosts(prompt, call, is_new, rates);
    out_.calls.push_back(std::move(call));
    prompts_.push_back(std::move(prompt));
  }

  Conversation Build() {
    for (auto& [name, tally] : tools_) {
      if (tally.estimated_tokens > 0)
        tally.cost.estimated_tokens = static_cast<std::uint64_t>(std::llround(tally.estimated_tokens));
      tally.cost.unpriced_tokens = static_cast<std::uint64_t>(std::llround(tally.unpriced_tokens));
      out_.tools.emplace(name, tally.cost);
    }
    return std::move(out_);
  }

 private:
  std::vector<MessageNumber> Numbers(const std::vector<model::Message>& messages) {
    const auto names = ToolNames(messages);
    std::vector<MessageNumber> numbers;
    numbers.reserve(messages.size());
    for (const model::Message& message : messages) {
      const auto [known, added] = numbers_.try_emplace(internal::IdentityOf(message), messages_.size());
      numbers.push_back(known->second);
      if (added) messages_.push_back(Describe(message, names));
    }
    return numbers;
  }

  static KnownMessage Describe(const model::Message& message,
                               const std::map<std::string_view, std::string_view>& names) {
    KnownMessage known{.role = internal::CanonicalRole(message),
                       .characters = internal::CharactersOf(message),
                       .results = {},
                       .measured_tokens = std::nullopt};
    const auto name_of = [&](const std::string& id) {
      const auto name = names.find(id);
      return name == names.end() ? message.name : std::string(name->second);
    };
    for (const model::Part& part : message.content)
      if (part.type == model::Part::Type::kToolResult)
        known.results.push_back({name_of(part.id.empty() ? message.tool_call_id : part.id), ResultCharacters(part)});
    if (known.role == "tool" && known.results.empty())
      known.results.push_back({name_of(message.tool_call_id), known.characters});
    return known;
  }

  bool IsSystem(MessageNumber number) const { return messages_[number].role == "system"; }

  // The last call that shares most of the messages after the instructions. Leaves the prompt in the tree.
  std::optional<std::size_t> Follow(const Prompt& prompt) {
    constexpr NodeNumber kRoot = 0;
    const auto first =
        std::ranges::find_if_not(prompt.messages, [&](MessageNumber number) { return IsSystem(number); });
    std::optional<std::size_t> previous;
    NodeNumber node = kRoot;
    for (auto number = first; number != prompt.messages.end(); ++number) {
      const auto [edge, added] =
          edges_.try_emplace(std::uint64_t{node} << 32 | *number, static_cast<NodeNumber>(last_call_.size()));
      node = edge->second;
      if (added) {
        last_call_.push_back(out_.calls.size());
      } else {
        previous = std::exchange(last_call_[node], out_.calls.size());
      }
    }
    return previous;
  }

  // Which messages are new, and where the prompts part.
  std::vector<bool> Compare(const Prompt& prompt, ConversationCall& call) {
    std::vector<bool> is_new(prompt.messages.size(), true);
    const Prompt* before = call.previous ? &prompts_[*call.previous] : nullptr;
    if (before) {
      const auto parting = std::ranges::mismatch(prompt.messages, before->messages);
      call.shared_messages = static_cast<std::size_t>(parting.in1 - prompt.messages.begin());
      for (std::size_t i = 0; i < call.shared_messages; ++i)
        call.shared_characters += messages_[prompt.messages[i]].characters;
      ++marks_;
      for (auto number = parting.in2; number != before->messages.end(); ++number) messages_[*number].marked = marks_;
      for (std::size_t i = 0; i < is_new.size(); ++i)
        is_new[i] = i >= call.shared_messages && messages_[prompt.messages[i]].marked != marks_;
      call.cache_break = BreakOf(prompt, *before, call);
      call.break_index = call.shared_messages;
    }
    for (std::size_t i = 0; i < is_new.size(); ++i) {
      if (!is_new[i]) continue;
      const KnownMessage& message = messages_[prompt.messages[i]];
      if (++call.new_message_count <= kNewMessagesMax)
        call.new_messages.push_back(
            {i, message.role, message.characters, before && IsOutput(*before, prompt.messages[i])});
    }
    return is_new;
  }

  bool IsOutput(const Prompt& prompt, MessageNumber number) const {
    return std::ranges::any_of(prompt.outputs, [&](const Identity& output) {
      const auto known = numbers_.find(output);
      return known != numbers_.end() && known->second == number;
    });
  }

  ConversationCall::Break BreakOf(const Prompt& prompt, const Prompt& before, const ConversationCall& call) const {
    using Break = ConversationCall::Break;
    if (call.model != out_.calls[*call.previous].model) return Break::kModel;
    // Not every library tells the tools of each call.
    if (prompt.has_tools && before.has_tools && prompt.tools != before.tools) return Break::kTools;
    const std::size_t at = call.shared_messages;
    if (at == before.messages.size()) return Break::kNone;
    if (IsSystem(before.messages[at]) || (at < prompt.messages.size() && IsSystem(prompt.messages[at])))
      return Break::kSystem;
    return Break::kMessage;
  }

  // The tokens of a result that was added alone, or together with what the model had returned.
  void Measure(const Prompt& prompt, const ConversationCall& call, const std::vector<bool>& is_new) {
    if (!call.previous || call.cache_break != ConversationCall::Break::kNone) return;
    const Prompt& before = prompts_[*call.previous];
    const std::optional<std::uint64_t>& counted_before = out_.calls[*call.previous].prompt_tokens;
    if (!call.prompt_tokens || !counted_before) return;
    std::uint64_t others = *counted_before;
    KnownMessage* result = nullptr;
    bool returned = false;
    for (std::size_t i = 0; i < is_new.size(); ++i) {
      if (!is_new[i]) continue;
      KnownMessage& message = messages_[prompt.messages[i]];
      if (message.results.size() == 1 && !result) {
        result = &message;
      } else if (!returned && IsOutput(before, prompt.messages[i]) && before.visible_completion_tokens) {
        returned = true;
        others += *before.visible_completion_tokens;
      } else {
        return;
      }
    }
    if (result && !result->measured_tokens && *call.prompt_tokens > others)
      result->measured_tokens = *call.prompt_tokens - others;
  }

  void AddToolCosts(const Prompt& prompt, const ConversationCall& call, const std::vector<bool>& is_new,
                    const PromptRates& rates) {
    std::uint64_t characters = 0;
    for (std::size_t i = 0; i < prompt.messages.size(); ++i) {
      const KnownMessage& message = messages_[prompt.messages[i]];
      characters += message.characters;
      for (const ToolResult& result : message.results) {
        Tally& tally = tools_[result.tool];
        if (is_new[i]) {
          ++tally.cost.results;
          tally.cost.characters += result.characters;
        }
        ++tally.cost.carried;
        if (!call.prompt_tokens || call.characters == 0) {
          ++tally.cost.uncounted;
          continue;
        }
        const double per_character = static_cast<double>(*call.prompt_tokens) / static_cast<double>(call.characters);
        double tokens = per_character * static_cast<double>(result.characters);
        if (message.measured_tokens) {
          tokens = static_cast<double>(*message.measured_tokens);
          tally.cost.measured_tokens = tally.cost.measured_tokens.value_or(0) + *message.measured_tokens;
        } else {
          tally.estimated_tokens += tokens;
        }
        const bool cached =
            per_character * static_cast<double>(characters) <= static_cast<double>(call.cache_read_tokens.value_or(0));
        const std::optional<double>& rate = cached ? rates.cache_read : rates.input;
        if (rate)
          tally.cost.cost_usd = tally.cost.cost_usd.value_or(0) + tokens * *rate / 1e6;
        else
          tally.unpriced_tokens += tokens;
      }
    }
  }

  Conversation out_;
  std::vector<Prompt> prompts_;  // of out_.calls
  std::unordered_map<Identity, MessageNumber, internal::IdentityHash> numbers_;
  std::vector<KnownMessage> messages_;
  std::size_t marks_ = 0;
  std::unordered_map<std::uint64_t, NodeNumber> edges_;  // node and message to node
  std::vector<std::size_t> last_call_ = {0};             // of each node; of the root nothing
  std::size_t threads_ = 0;
  std::map<std::string, Tally> tools_;
};

ConversationBuilder::ConversationBuilder() : impl_(std::make_unique<Impl>()) {}
ConversationBuilder::~ConversationBuilder() = default;

void ConversationBuilder::Add(const TraceId& trace_id, const SpanId& span_id, UnixNanos start_unix_ns,
                              const model::LlmView& view, const PromptRates& rates) {
  if (view.llm->input_messages.empty()) return;
  ConversationCall call;
  call.trace_id = trace_id;
  call.span_id = span_id;
  call.start_unix_ns = start_unix_ns;
  call.model = view.llm->model;
  if (view.tokens) {
    call.prompt_tokens = view.tokens->prompt;
    call.cache_read_tokens = view.tokens->cache_read;
    call.cache_write_tokens = view.tokens->cache_write;
  }
  impl_->Add(std::move(call), view, rates);
}

Conversation ConversationBuilder::Build() && { return impl_->Build(); }

}  // namespace nightjar::semconv
