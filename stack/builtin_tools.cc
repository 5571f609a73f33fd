#include "stack/builtin_tools.h"

#include <chrono>
#include <ctime>

namespace stack {
namespace {

namespace json = boost::json;

json::object Now() {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {{"utc", text}};
}

}  // namespace

Tool NowTool() { return ToolFromCallable("now", "The current date and time in UTC.", &Now, {}); }

Tool SearchDocsTool(const HybridRetriever& retriever) {
  return ToolFromCallable(
      "search_docs", "Searches the notes. Returns the best chunks with their ids and scores.",
      [&retriever](const std::string& query, std::optional<std::size_t> top_k) {
        RetrievalConfig config;
        if (top_k) config.n_after_rerank = *top_k;
        json::array documents;
        for (const auto& document : retriever.Retrieve(query, config)) {
          documents.push_back({{"id", document.id}, {"score", document.score}, {"text", document.text}});
        }
        return documents;
      },
      {{.name = "query", .description = "what to look for, in a few words"},
       {.name = "top_k", .description = "how many chunks", .constraints = {{"minimum", 1}, {"maximum", 10}}}});
}

Tool FetchChunkTool(const HybridRetriever& retriever) {
  return ToolFromCallable("fetch_chunk", "Returns one chunk of the notes by its id.",
                          [&retriever](const std::string& chunk_id) -> json::object {
                            const Chunk* chunk = retriever.Find(chunk_id);
                            if (chunk == nullptr) throw ToolError("there is no chunk " + chunk_id);
                            return {{"id", chunk->id}, {"text", chunk->text}};
                          },
                          {{.name = "chunk_id", .description = "an id that search_docs returned"}});
}

void RegisterBuiltinTools(ToolRegistry& tools, const HybridRetriever& retriever) {
  tools.Register(NowTool());
  tools.Register(SearchDocsTool(retriever));
  tools.Register(FetchChunkTool(retriever));
}

}  // namespace stack
