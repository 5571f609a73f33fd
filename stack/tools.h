// Functions a model may call: their description for the model, and the check of what the model passes.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "stack/retrieve.h"

namespace stack {

// An unknown tool, or arguments that do not fit the tool's schema. The text is meant for the model.
class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Tool {
  std::string name;
  std::string description;
  // JSON schema of the arguments: an object with `properties` (each with `type`, and `minimum`/`maximum` for numbers)
  // and `required`. Other keywords are passed to the model and not checked.
  boost::json::object parameters;
  std::function<boost::json::value(const boost::json::object& arguments)> call;
};

class ToolRegistry {
 public:
  // Throws ToolError when the name is taken.
  void Register(Tool tool);

  // Throws ToolError, or what the tool throws.
  [[nodiscard]] boost::json::value Call(std::string_view name, const boost::json::object& arguments) const;

  // The `tools` member of a chat request.
  [[nodiscard]] boost::json::array Schemas() const;

 private:
  std::map<std::string, Tool, std::less<>> tools_;
};

// now: the time of day. search_docs: the retriever's best chunks. fetch_chunk: one chunk, whole.
// REQUIRES: `retriever` outlives the tools.
Tool NowTool();
Tool SearchDocsTool(const HybridRetriever& retriever);
Tool FetchChunkTool(const HybridRetriever& retriever);

}  // namespace stack
