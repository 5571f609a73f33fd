// One insert: a statement and the Native block that goes with it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "store/native_writer.h"

namespace nightjar::store {

struct InsertBlock {
  std::string statement;  // "INSERT INTO nightjar.spans (project, …)"
  std::string native;
};

inline InsertBlock MakeInsert(std::string_view table, NativeBlockWriter block) {
  std::string statement = "INSERT INTO " + std::string(table) + " (" + block.column_names() + ")";
  return {std::move(statement), std::move(block).Finish()};
}

}  // namespace nightjar::store
