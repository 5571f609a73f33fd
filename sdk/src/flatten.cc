#include "flatten.h"

#include "json_text.h"
#include "nightjar/openinference.h"
#include "span_state.h"
#include "utf8.h"

namespace nightjar::sdk {
namespace {

constexpr std::size_t kDocumentCharactersMax = 500;
// Left for what a span gets besides its lists: model, parameters, answer, token counts, user, session.
constexpr std::size_t kRoomForOthers = 32;

// Attributes that are set all or not at all.
class Flat {
 public:
  void Add(std::string key, std::variant<std::string, double> value) {
    attributes_.emplace_back(std::move(key), std::move(value));
  }
  // A string's text; another value's JSON. Nothing for null, and for what is not there.
  void AddJson(std::string key, std::string_view json) {
    if (json.empty() || json == "null") return;
    std::optional<std::string> text = JsonString(json);
    Add(std::move(key), text ? std::move(*text) : std::string(json));
  }
  [[nodiscard]] bool Fits(const Span& span) const {
    return attributes_.size() + kRoomForOthers <= SpanState::RoomLeft(span);
  }
  void Record(Span& span) const {
    for (const auto& [key, any] : attributes_) {
      std::visit([&span, &name = key](const auto& value) { span.SetAttribute(name, value); }, any);
    }
  }

 private:
  std::vector<std::pair<std::string, std::variant<std::string, double>>> attributes_;
};

std::string_view Member(std::string_view object, std::string_view key) { return JsonMember(object, key).value_or(""); }

// One part of a message's content: text or an image; of any other only the type.
void FlattenPart(Flat& flat, const std::string& prefix, std::string_view part) {
  std::string type = JsonString(Member(part, "type")).value_or("");
  if (type == "image_url" || type == "input_image") {
    const std::string_view image = Member(part, "image_url");
    flat.Add(prefix + "type", "image");
    flat.AddJson(prefix + "image.image.url", image.starts_with('{') ? Member(image, "url") : image);
    return;
  }
  const bool is_text = type == "input_text" || type == "output_text";
  flat.Add(prefix + "type", is_text ? "text" : std::move(type));
  flat.AddJson(prefix + "text", Member(part, "text"));
}

void FlattenContent(Flat& flat, const std::string& prefix, std::string_view content) {
  if (!content.starts_with('[')) return flat.AddJson(prefix + "content", content);
  std::size_t index = 0;
  for (JsonItems parts(content); parts.Next(); ++index) {
    FlattenPart(flat, prefix + "contents." + std::to_string(index) + ".message_content.", parts.value());
  }
}

void FlattenToolCalls(Flat& flat, const std::string& prefix, std::string_view calls) {
  std::size_t index = 0;
  for (JsonItems items(calls); items.Next(); ++index) {
    const std::string call = prefix + "tool_calls." + std::to_string(index) + ".tool_call.";
    const std::string_view function = Member(items.value(), "function");
    flat.AddJson(call + "id", Member(items.value(), "id"));
    flat.AddJson(call + "function.name", Member(function, "name"));
    flat.AddJson(call + "function.arguments", Member(function, "arguments"));
  }
}

// False when `messages` is not an array of objects.
bool FlattenMessages(Flat& flat, std::string_view list, std::string_view messages) {
  JsonItems items(messages);
  if (!items.is_array()) return false;
  for (std::size_t index = 0; items.Next(); ++index) {
    const std::string_view message = items.value();
    if (!message.starts_with('{')) return false;
    const std::string prefix = std::string(list) + "." + std::to_string(index) + ".message.";
    flat.AddJson(prefix + "role", Member(message, "role"));
    flat.AddJson(prefix + "name", Member(message, "name"));
    flat.AddJson(prefix + "tool_call_id", Member(message, "tool_call_id"));
    FlattenContent(flat, prefix, Member(message, "content"));
    FlattenToolCalls(flat, prefix, Member(message, "tool_calls"));
  }
  return items.complete();
}

void RecordFlat(Span& span, std::string_view list, const Flat& flat, bool well_formed, std::string_view json) {
  if (well_formed && flat.Fits(span)) {
    flat.Record(span);
  } else {
    span.SetAttribute(list, json);
  }
}

}  // namespace

void RecordMessages(Span& span, std::string_view list, std::string_view messages_json) {
  Flat flat;
  const bool well_formed = FlattenMessages(flat, list, messages_json);
  RecordFlat(span, list, flat, well_formed, messages_json);
}

void RecordTools(Span& span, std::string_view tools_json) {
  Flat flat;
  JsonItems items(tools_json);
  for (std::size_t index = 0; items.Next(); ++index) {
    flat.Add(std::string(openinference::kLlmTools) + "." + std::to_string(index) + ".tool.json_schema",
             std::string(items.value()));
  }
  RecordFlat(span, openinference::kLlmTools, flat, items.is_array() && items.complete(), tools_json);
}

void RecordDocuments(Span& span, std::string_view list, std::span<const RetrievedDocument> documents) {
  Flat flat;
  std::string json = "[";
  std::string scratch;
  for (std::size_t index = 0; index < documents.size(); ++index) {
    const RetrievedDocument& document = documents[index];
    const std::string prefix = std::string(list) + "." + std::to_string(index) + ".document.";
    const std::string text(CleanUtf8(document.text, kDocumentCharactersMax, scratch));
    flat.Add(prefix + "id", document.id);
    flat.Add(prefix + "score", document.score);
    flat.Add(prefix + "content", text);

    json += json.size() > 1 ? R"(, {"id": )" : R"({"id": )";
    AppendJsonString(json, document.id);
    json += R"(, "score": )";
    AppendJsonNumber(json, document.score);
    json += R"(, "text": )";
    AppendJsonString(json, text);
    json += '}';
  }
  // An empty list has no flattened form; whole it says that nothing was found.
  RecordFlat(span, list, flat, !documents.empty(), json += ']');
}

}  // namespace nightjar::sdk
