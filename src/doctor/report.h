// What `nightjar doctor` found, as values; how it is printed is in print.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nightjar::doctor {

// kError: data is lost, refused or wrong. kWarning: it may come to that, or something is missing. kInfo: good to know.
enum class Severity : std::uint8_t { kOk, kInfo, kWarning, kError };

std::string_view ToString(Severity severity);

// "1 request", "2 requests"
std::string Plural(std::uint64_t count, std::string_view noun);

// Texts may hold what others sent; they are made harmless when they are printed.
struct Finding {
  Severity severity = Severity::kOk;
  std::string code;         // "engine_restarts": for programs that read the report
  std::string message;      // what is the case
  std::string remedy = {};  // what to do; may be empty
  std::vector<std::string> trace_ids = {};
};

// What belongs to one subject: the server, a project, a directory.
struct Section {
  std::string title;
  std::vector<Finding> findings;
};

struct Report {
  std::vector<Section> sections;

  [[nodiscard]] std::size_t Count(Severity severity) const;
};

}  // namespace nightjar::doctor
