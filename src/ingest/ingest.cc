#include "ingest/ingest.h"

#include <fmt/format.h>

#include <chrono>

#include "base/utf8.h"
#include "otlp/decode_traces.h"
#include "semconv/normalize.h"
#include "store/span_row.h"

namespace nightjar::ingest {
namespace {

UnixNanos Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<UnixNanos>(std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count());
}

// Of a name that came from outside the request's body: what is in the body is valid UTF-8 already.
Result<void> CheckProjectName(std::string_view name) {
  if (name.size() > kProjectNameBytesMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("x-project-name has {} bytes, at most {} are allowed", name.size(), kProjectNameBytesMax));
  if (!IsValidUtf8(name)) return Fail(ErrorCode::kInvalidArgument, "x-project-name is not UTF-8");
  return {};
}

std::string_view ProjectOf(const model::Resource& resource, std::string_view chosen) {
  if (!chosen.empty()) return chosen;
  const std::string_view named = model::FindString(resource.attributes, "openinference.project.name");
  return named.empty() ? kDefaultProject : named;
}

// Gives each span its project. Spans whose resource names an impossible one are rejected.
void AssignProjects(std::string_view chosen, otlp::DecodedTraces& decoded) {
  std::erase_if(decoded.batch.spans, [&](model::Span& span) {
    const std::string_view project = ProjectOf(decoded.batch.resource_of(span), chosen);
    if (project.size() > kProjectNameBytesMax) {
      if (decoded.rejected_spans++ == 0)
        decoded.first_reason =
            fmt::format("the project name has {} bytes, at most {} are allowed", project.size(), kProjectNameBytesMax);
      return true;
    }
    span.project = project;
    return false;
  });
}

Result<otlp::DecodedTraces> DecodeInto(std::string_view project, otlp::Encoding encoding, std::string_view body) {
  RETURN_IF_ERROR(CheckProjectName(project));
  ASSIGN_OR_RETURN(otlp::DecodedTraces decoded,
                   encoding == otlp::Encoding::kJson ? otlp::DecodeTracesJson(body) : otlp::DecodeTraces(body));
  AssignProjects(project, decoded);
  return decoded;
}

Acknowledgement Acknowledge(const otlp::DecodedTraces& decoded) {
  Acknowledgement answer{decoded.rejected_spans, decoded.first_reason};
  if (decoded.rejected_spans > 1)
    answer.message += fmt::format(" (the first of {} rejected spans)", decoded.rejected_spans);
  if (decoded.mended_strings != 0)
    answer.message += fmt::format("{}{} strings were not UTF-8; their bad bytes were replaced by U+FFFD",
                                  answer.message.empty() ? "" : "; ", decoded.mended_strings);
  return answer;
}

}  // namespace

void Ingest::AcceptTraces(otlp::Encoding encoding, std::string_view body, std::string_view project, Done done) {
  ++counters_.requests;
  counters_.bytes += body.size();
  auto decoded = DecodeInto(project, encoding, body);
  if (!decoded) {
    ++counters_.refused_requests;
    return done(Fail(std::move(decoded).error()));
  }
  counters_.rejected_spans += decoded->rejected_spans;
  Acknowledgement answer = Acknowledge(*decoded);
  const std::size_t spans = decoded->batch.spans.size();
  if (spans == 0) return done(std::move(answer));

  std::vector<model::LlmView> views;
  views.reserve(spans);
  for (const model::Span& span : decoded->batch.spans)
    views.push_back(semconv::Normalize(span, decoded->batch.resource_of(span), decoded->batch.scope_of(span)));
  store::RowBatch rows = store::MakeRows(std::move(decoded->batch), views, key_, Now());

  auto submitted = committer_.Submit(std::move(rows), [this, spans, answer, done](Result<void> stored) {
    if (!stored) {
      ++counters_.refused_requests;
      return done(Fail(std::move(stored).error()));
    }
    counters_.spans += spans;
    counters_.last_span_unix_ns = Now();
    done(answer);
  });
  if (!submitted) {
    ++counters_.refused_requests;
    done(Fail(std::move(submitted).error()));
  }
}

}  // namespace nightjar::ingest
