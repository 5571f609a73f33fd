// The views `messages` and `documents`: docs/guide/sql.md. Long values are joined from their ropes by the engine
// itself.
#pragma once

#include <string>

namespace nightjar::store {

// The engine asks nightjar.segments for the bodies of a block of rows at a time, as nightjar.bodies. Keys are texts,
// because a dictionary cannot ask for numbers of 128 bits.
inline constexpr const char* kBodiesDictionary =
    "CREATE OR REPLACE DICTIONARY nightjar.bodies (scope String, hash String, body String) PRIMARY KEY scope, hash "
    "SOURCE(CLICKHOUSE(HOST '127.0.0.1' PORT 9000 DB 'nightjar' TABLE 'segments')) LAYOUT(COMPLEX_KEY_DIRECT())";

std::string MessagesSql();
std::string DocumentsSql();

}  // namespace nightjar::store
