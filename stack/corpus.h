// The documents the demo agent can read: short notes on PostgreSQL, SQLite and Django.
#pragma once

#include <vector>

#include "stack/retrieve.h"

namespace stack {

std::vector<Chunk> DemoCorpus();

}  // namespace stack
