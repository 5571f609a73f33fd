// Annotations as JSON: what is posted, as Phoenix's clients write it, and what the API shows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "store/annotations.h"

namespace nightjar::server {

constexpr std::size_t kAnnotationsPerRequestMax = 10'000;
constexpr std::size_t kAnnotationNameBytesMax = 256;  // of a name, and of an identifier
constexpr std::size_t kAnnotationLabelBytesMax = 4 << 10;
constexpr std::size_t kAnnotationTextBytesMax = 64 << 10;  // of an explanation, and of metadata

// {"data":[{"span_id","name","annotator_kind","result":{"label","score","explanation"},"metadata","identifier"}]}; with
// trace_id, session_id, or span_id and document_position for the other targets. kInvalidArgument says which is wrong.
Result<std::vector<store::Annotation>> ParseAnnotations(std::string_view body, store::AnnotationTarget target);

// "U3Bhbkfu…", as Phoenix's ids look.
std::string AnnotationId(const store::Annotation& annotation);

// As Phoenix's clients read it.
json::object ToPhoenixJson(const store::Annotation& annotation);
// As one of `annotations` of a span or a trace, which evaluations that came with a span are too (model/span_json.h).
json::object ToJsonValue(const store::Annotation& annotation);

}  // namespace nightjar::server
