// A log record as the HTTP API shows it: the whole record. Every key is always there; unknown is null. Times are
// decimal strings.
#pragma once

#include "base/json.h"
#include "model/log_record.h"

namespace nightjar::model {

json::object ToLogJson(const LogRecord& record, const Resource& resource, const Scope& scope);

}  // namespace nightjar::model
