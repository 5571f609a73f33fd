// Where a page ends of rows that are ordered by time and, within one time, by a hash.
#pragma once

#include "base/ids.h"
#include "store/native_writer.h"

namespace nightjar::store {

struct TimePosition {
  UnixNanos time_unix_ns = 0;
  UInt128 hash;
};

}  // namespace nightjar::store
