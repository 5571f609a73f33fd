// The part of JSON Schema that tools' arguments need: what a C++ type looks like, and the check of a value.
#pragma once

#include <boost/json.hpp>
#include <stdexcept>
#include <string>

namespace stack {

// A value that does not fit its schema. The text is meant for the model: it names the argument and what is wrong.
class SchemaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Checks type, enum, minimum, maximum, properties, required, additionalProperties (false, or a schema) and items, at
// any depth; other keywords say nothing. `name` is what errors call the value, such as "top_k". Throws SchemaError.
void CheckSchema(const boost::json::value& value, const boost::json::object& schema, const std::string& name);

}  // namespace stack
