#include "server/annotation_json.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/time_text.h"

namespace nightjar::server {
namespace {

using store::Annotation;
using store::AnnotationTarget;

Error Wrong(std::size_t index, std::string_view what) {
  return {ErrorCode::kInvalidArgument, fmt::format("data[{}]: {}", index, what)};
}

// One object of `data`.
class Item {
 public:
  Item(const json::object& object, std::size_t index) : object_(object), index_(index) {}

  // null is as if it were not there.
  [[nodiscard]] const json::value* Find(std::string_view key) const {
    const json::value* value = object_.if_contains(key);
    return value != nullptr && value->is_null() ? nullptr : value;
  }

  Result<std::string> Text(std::string_view key, std::size_t bytes_max) const {
    const json::value* value = Find(key);
    if (value == nullptr) return std::string();
    if (!value->is_string()) return Fail(Wrong(index_, fmt::format("{} is not a text", key)));
    if (value->get_string().size() > bytes_max)
      return Fail(Wrong(
          index_, fmt::format("{} has {} bytes, at most {} are allowed", key, value->get_string().size(), bytes_max)));
    return std::string(value->get_string());
  }

  Result<json::object> Object(std::string_view key) const {
    const json::value* value = Find(key);
    if (value == nullptr) return json::object();
    if (!value->is_object()) return Fail(Wrong(index_, fmt::format("{} is not an object", key)));
    return value->get_object();
  }

  Result<void> ReadTarget(Annotation& out) const {
    if (out.target == AnnotationTarget::kSession) {
      ASSIGN_OR_RETURN(out.session_id, Text("session_id", kAnnotationLabelBytesMax));
      return out.session_id.empty() ? Fail(Wrong(index_, "session_id is missing")) : Result<void>();
    }
    if (out.target == AnnotationTarget::kTrace) {
      ASSIGN_OR_RETURN(const std::string hex, Text("trace_id", kAnnotationNameBytesMax));
      const auto id = TraceId::FromHex(hex);
      if (!id) return Fail(Wrong(index_, fmt::format("trace_id \"{}\" is not 32 hex digits", hex)));
      out.trace_id = *id;
      return {};
    }
    ASSIGN_OR_RETURN(const std::string hex, Text("span_id", kAnnotationNameBytesMax));
    const auto id = SpanId::FromHex(hex);
    if (!id) return Fail(Wrong(index_, fmt::format("span_id \"{}\" is not 16 hex digits", hex)));
    out.span_id = *id;
    if (out.target == AnnotationTarget::kSpan) return {};
    const json::value* position = Find("document_position");
    if (position == nullptr || !position->is_int64() || position->get_int64() < 0 ||
        position->get_int64() > std::numeric_limits<std::int32_t>::max())
      return Fail(Wrong(index_, "document_position is not a number from 0"));
    out.position = static_cast<std::uint32_t>(position->get_int64());
    return {};
  }

  Result<void> ReadResult(Annotation& out) const {
    ASSIGN_OR_RETURN(const json::object object, Object("result"));
    const Item result(object, index_);
    ASSIGN_OR_RETURN(out.label, result.Text("label", kAnnotationLabelBytesMax));
    ASSIGN_OR_RETURN(out.explanation, result.Text("explanation", kAnnotationTextBytesMax));
    if (const json::value* score = result.Find("score"); score != nullptr) {
      if (!score->is_number() || !std::isfinite(score->to_number<double>()))
        return Fail(Wrong(index_, "score is not a number"));
      out.score = score->to_number<double>();
    }
    if (out.label.empty() && out.explanation.empty() && !out.score)
      return Fail(Wrong(index_, "result has neither label, score nor explanation"));
    return {};
  }

  Result<Annotation> Read(AnnotationTarget target) const {
    Annotation out{.target = target};
    RETURN_IF_ERROR(ReadTarget(out));
    ASSIGN_OR_RETURN(out.name, Text("name", kAnnotationNameBytesMax));
    if (out.name.empty()) return Fail(Wrong(index_, "name is missing"));
    if (out.name == "note") return Fail(Wrong(index_, "the name \"note\" is that of notes"));
    ASSIGN_OR_RETURN(out.identifier, Text("identifier", kAnnotationNameBytesMax));
    ASSIGN_OR_RETURN(out.annotator_kind, Text("annotator_kind", kAnnotationNameBytesMax));
    if (out.annotator_kind != "HUMAN" && out.annotator_kind != "LLM" && out.annotator_kind != "CODE")
      return Fail(Wrong(index_, fmt::format("annotator_kind \"{}\" is none of HUMAN, LLM, CODE", out.annotator_kind)));
    RETURN_IF_ERROR(ReadResult(out));
    ASSIGN_OR_RETURN(const json::object metadata, Object("metadata"));
    if (!metadata.empty()) out.metadata = ToJson(metadata);
    if (out.metadata.size() > kAnnotationTextBytesMax)
      return Fail(Wrong(index_, fmt::format("metadata has more than {} bytes", kAnnotationTextBytesMax)));
    return out;
  }

 private:
  const json::object& object_;
  std::size_t index_;
};

std::string_view TypeName(AnnotationTarget target) {
  switch (target) {
    case AnnotationTarget::kSpan: return "SpanAnnotation";
    case AnnotationTarget::kTrace: return "TraceAnnotation";
    case AnnotationTarget::kSession: return "ProjectSessionAnnotation";
    case AnnotationTarget::kDocument: return "DocumentAnnotation";
  }
  return "";
}

// Our own text, checked when it came.
json::value Embedded(const std::string& text) {
  if (text.empty()) return nullptr;
  Result<json::value> value = ParseJson(text);
  return value ? *std::move(value) : json::value(text);
}

}  // namespace

Result<std::vector<Annotation>> ParseAnnotations(std::string_view body, AnnotationTarget target) {
  ASSIGN_OR_RETURN(const json::value document, ParseJson(body));
  const json::value* data = document.is_object() ? document.get_object().if_contains("data") : nullptr;
  if (data == nullptr || !data->is_array()) return Fail(ErrorCode::kInvalidArgument, R"(the body is {"data":[…]})");
  const json::array& items = data->get_array();
  if (items.size() > kAnnotationsPerRequestMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("there are {} annotations, at most {} are allowed",
                                                         items.size(), kAnnotationsPerRequestMax));
  std::vector<Annotation> annotations;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_object()) return Fail(Wrong(i, "is not an object"));
    ASSIGN_OR_RETURN(annotations.emplace_back(), Item(items[i].get_object(), i).Read(target));
  }
  return annotations;
}

std::string AnnotationId(const Annotation& annotation) {
  return ToBase64(fmt::format("{}:{}", TypeName(annotation.target), annotation.number()));
}

json::object ToPhoenixJson(const Annotation& annotation) {
  json::object out;
  out["id"] = AnnotationId(annotation);
  out["created_at"] = ToRfc3339(annotation.created_unix_ns);
  out["updated_at"] = ToRfc3339(annotation.updated_unix_ns);
  out["source"] = "API";
  out["user_id"] = nullptr;
  out["name"] = annotation.name;
  out["annotator_kind"] = annotation.annotator_kind;
  out["result"] = {{"label", TextOrNull(annotation.label)},
                   {"score", NumberOrNull(annotation.score)},
                   {"explanation", TextOrNull(annotation.explanation)}};
  out["metadata"] = Embedded(annotation.metadata);
  out["identifier"] = annotation.identifier;
  switch (annotation.target) {
    case AnnotationTarget::kTrace: out["trace_id"] = annotation.trace_id.ToHex(); break;
    case AnnotationTarget::kSession: out["session_id"] = annotation.session_id; break;
    case AnnotationTarget::kDocument: out["document_position"] = annotation.position; [[fallthrough]];
    case AnnotationTarget::kSpan: out["span_id"] = annotation.span_id.ToHex(); break;
  }
  return out;
}

json::object ToJsonValue(const Annotation& annotation) {
  const bool of_document = annotation.target == AnnotationTarget::kDocument;
  return {{"name", annotation.name},
          {"label", TextOrNull(annotation.label)},
          {"score", NumberOrNull(annotation.score)},
          {"explanation", TextOrNull(annotation.explanation)},
          {"source", "api"},
          {"target", store::ToWord(annotation.target)},
          {"annotator_kind", annotation.annotator_kind},
          {"identifier", annotation.identifier},
          {"metadata", Embedded(annotation.metadata)},
          {"document_position", of_document ? json::value(annotation.position) : json::value()},
          {"updated_unix_ns", std::to_string(annotation.updated_unix_ns)}};
}

}  // namespace nightjar::server
