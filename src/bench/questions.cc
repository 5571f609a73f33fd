#include "bench/questions.h"

#include <fmt/format.h>

#include "client/http_client.h"

namespace nightjar::bench {
namespace {

// Words of the query language that find some of the workload's spans.
struct Conditions {
  std::string kind, service, name, duration, attribute, word;
};

Conditions ConditionsOf(Dataset dataset) {
  if (dataset == Dataset::kJaeger)
    return {.kind = "kind:unknown",
            .service = "service:tracegen-07",
            .name = "name:child-span-05",
            .duration = "duration>1ms",
            .attribute = "attributes.attr_05:val_05",
            .word = "\"val_777\""};
  return {.kind = "kind:llm",
          .service = "service:llm-gateway",
          .name = "name:ChatCompletion",
          .duration = "duration>1s",
          .attribute =
              dataset == Dataset::kLlm ? "attributes.app.request_id:req-000000777" : "attributes.llm.provider:example",
          .word = "theasveon"};
}

std::string ProjectPath(const WorkloadOptions& workload) {
  return fmt::format("/api/v1/projects/{}", ProjectOf(workload.dataset));
}

}  // namespace

std::vector<Question> QuestionsOf(const WorkloadOptions& workload, std::mt19937_64& random) {
  const std::string project = ProjectPath(workload);
  const Conditions some = ConditionsOf(workload.dataset);
  const auto trace = [&workload, &random] { return TraceIdOf(workload.seed, random() % TraceCount(workload)).ToHex(); };
  const auto ask = [&project](const char* name, const char* label, const std::string& path) {
    return Question{name, label, [target = project + path] { return target; }};
  };
  const auto spans = [&ask](const char* name, const char* label, std::string_view query) {
    return ask(name, label, "/spans?q=" + client::PercentEncode(query));
  };
  return {
      {"by_id", "a trace by id", [trace] { return "/api/v1/traces/" + trace(); }},
      {"by_id_in_project", "a trace by id, project known", [trace, project] { return project + "/traces/" + trace(); }},
      ask("list", "50 newest traces", "/traces?limit=50"),
      {"projects", "projects with their totals", [] { return std::string("/api/v1/projects"); }},
      spans("by_kind", "spans by kind", some.kind),
      spans("by_service", "spans by service", some.service),
      spans("by_name", "spans by name", some.name),
      spans("by_time", "spans by time", "last:1h"),
      spans("by_duration", "spans by duration", some.duration),
      spans("by_attribute", "spans by an attribute", some.attribute),
      spans("by_all", "spans by all of these",
            fmt::format("{} {} {} duration>1us {} last:1d", some.kind, some.service, some.name, some.attribute)),
      spans("by_word", "spans with a word in what they hold", some.word),
      spans("by_no_word", "spans with a word that is nowhere", "nowhereatall"),
      ask("by_cost", "traces by cost", "/traces?q=" + client::PercentEncode("cost>0.001")),
      ask("sorted_by_cost", "traces sorted by cost", "/traces?sort=-cost"),
      ask("histogram", "histogram of the project", "/histogram"),
      ask("facets", "facets of the project's traces", "/facets"),
      ask("facets_of_spans", "facets of its spans", "/facets?of=spans"),
      ask("usage", "usage by model", "/usage?group_by=model"),
  };
}

std::vector<std::string> HeavyTargets(const WorkloadOptions& workload) {
  const std::string project = ProjectPath(workload);
  return {project + "/facets", project + "/usage?group_by=user,model", project + "/traces?sort=-duration",
          project + "/spans?q=nowhereatall", project + "/histogram"};
}

}  // namespace nightjar::bench
