#include "model/log_json.h"

#include <boost/json/object.hpp>

#include "base/json.h"
#include "model/span_json.h"
#include "model/value_json.h"

namespace nightjar::model {
namespace {

json::value TimeOrNull(UnixNanos time) { return time == 0 ? json::value() : json::value(std::to_string(time)); }

template <typename Id>
json::value IdOrNull(const Id& id) {
  return id.IsZero() ? json::value() : json::value(id.ToHex());
}

}  // namespace

json::object ToLogJson(const LogRecord& record, const Resource& resource, const Scope& scope) {
  json::object out;
  out["project"] = record.project;
  out["trace_id"] = IdOrNull(record.trace_id);
  out["span_id"] = IdOrNull(record.span_id);
  out["time_unix_ns"] = TimeOrNull(record.time_unix_ns);
  out["observed_time_unix_ns"] = TimeOrNull(record.observed_time_unix_ns);
  out["severity_number"] = record.severity_number == 0 ? json::value() : json::value(record.severity_number);
  out["severity_text"] = TextOrNull(record.severity_text);
  out["event_name"] = TextOrNull(record.event_name);
  out["body"] = ToJsonValue(record.body);
  out["attributes"] = AttributesToJson(record.attributes);
  out["dropped_attributes"] = record.dropped_attributes;
  out["flags"] = record.flags;
  AddOrigin(resource, scope, out);
  return out;
}

}  // namespace nightjar::model
