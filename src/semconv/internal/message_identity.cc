#include "semconv/internal/message_identity.h"

#include <xxhash.h>

#include <algorithm>
#include <string_view>

namespace nightjar::semconv::internal {
namespace {

using model::Part;

void AppendText(std::string_view text, std::string& out) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

// Without the white space between its tokens; other text only loses what is around it.
std::string Compact(std::string_view json) {
  const bool structured = json.find_first_of("{[") != std::string_view::npos;
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted && c == '\\' && i + 1 < json.size()) {
      out += c;
      out += json[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (structured && !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r')) continue;
    out += c;
  }
  return out;
}

Identity Hash(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

std::uint64_t Characters(std::string_view text) {
  return static_cast<std::uint64_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string CanonicalRole(const model::Message& message) {
  const auto is_result = [](const Part& part) { return part.type == Part::Type::kToolResult; };
  if (!message.content.empty() && std::ranges::all_of(message.content, is_result)) return "tool";
  if (message.role == "developer") return "system";
  if (message.role == "model" || message.role == "ai") return "assistant";
  if (message.role == "human") return "user";
  if (message.role == "function") return "tool";
  return message.role;
}

Identity IdentityOf(const model::Message& message) {
  const std::string role = CanonicalRole(message);
  std::string bytes;
  AppendText(role, bytes);
  std::string text;
  const auto end_text = [&] {
    if (text.empty()) return;
    bytes += role == "tool" ? 'r' : 't';
    AppendText(text, bytes);
    text.clear();
  };
  for (const Part& part : message.content) {
    switch (part.type) {
      case Part::Type::kText: text += part.text; break;
      case Part::Type::kReasoning: break;
      case Part::Type::kToolCall:
        end_text();
        bytes += 'c';
        AppendText(part.name, bytes);
        AppendText(Compact(part.arguments), bytes);
        break;
      case Part::Type::kToolResult:
        end_text();
        bytes += 'r';
        AppendText(part.result, bytes);
        break;
      case Part::Type::kImage:
      case Part::Type::kAudio:
      case Part::Type::kFile:
        end_text();
        bytes += 'u';
        AppendText(part.url, bytes);
        break;
    }
  }
  end_text();
  return Hash(bytes);
}

Identity IdentityOf(const std::vector<model::ToolDefinition>& tools) {
  std::string bytes;
  for (const model::ToolDefinition& tool : tools) {
    AppendText(tool.name, bytes);
    AppendText(tool.description, bytes);
    AppendText(Compact(tool.parameters), bytes);
  }
  return Hash(bytes);
}

std::uint64_t CharactersOf(const model::Message& message) {
  std::uint64_t characters = 0;
  for (const Part& part : message.content)
    if (part.type != Part::Type::kReasoning)
      characters +=
          Characters(part.text) + Characters(part.name) + Characters(part.arguments) + Characters(part.result);
  return characters;
}

}  // namespace nightjar::semconv::internal
