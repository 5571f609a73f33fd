// The tools of the demo agent.
#pragma once

#include "stack/retrieve.h"
#include "stack/tools.h"

namespace stack {

// now: the time of day. search_docs: the retriever's best chunks. fetch_chunk: one chunk, whole.
// REQUIRES: `retriever` outlives the tools.
Tool NowTool();
Tool SearchDocsTool(const HybridRetriever& retriever);
Tool FetchChunkTool(const HybridRetriever& retriever);

// All three.
void RegisterBuiltinTools(ToolRegistry& tools, const HybridRetriever& retriever);

}  // namespace stack
