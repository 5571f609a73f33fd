// Functions a model may call: their description for the model, and the check of what the model passes.
//
//   ToolRegistry tools;
//   tools.Register(ToolFromCallable("add", "Adds two numbers.", [](double a, double b) { return a + b; },
//                                   {{.name = "a"}, {.name = "b", .description = "the second number"}}));
//   tools.Call("add", {{"a", 1}, {"b", 2}});     // 3
//   tools.Call("add", {{"a", 1}, {"b", "two"}}); // ToolError: argument b must be of type number, not "two"
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/tool_types.h"

namespace stack {

// An unknown tool, or arguments that do not fit the tool's schema. The text is meant for the model.
class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Tool {
  std::string name;
  std::string description;
  boost::json::object parameters;  // JSON schema of the arguments, an object; json_schema.h says what is checked of it
  std::function<boost::json::value(const boost::json::object& arguments)> call;
};

// One parameter of a function, since C++ does not tell its name.
struct Parameter {
  std::string name;
  std::string description = {};
  boost::json::object constraints = {};  // more of its schema, such as {{"minimum", 1}}
};

// The schema of an object with these parameters. REQUIRES: as many schemas as parameters.
boost::json::object ParametersSchema(const std::vector<Parameter>& parameters, std::vector<boost::json::object> schemas,
                                     const std::vector<bool>& optional);

namespace internal {

template <typename Result, typename... Arguments>
struct Signature {};
template <typename Function>
struct SignatureOf : SignatureOf<decltype(&Function::operator())> {};
template <typename Result, typename... Arguments>
struct SignatureOf<Result (*)(Arguments...)> {
  using Type = Signature<Result, std::remove_cvref_t<Arguments>...>;
};
template <typename Result, typename Class, typename... Arguments>
struct SignatureOf<Result (Class::*)(Arguments...) const> : SignatureOf<Result (*)(Arguments...)> {};
template <typename Result, typename Class, typename... Arguments>
struct SignatureOf<Result (Class::*)(Arguments...)> : SignatureOf<Result (*)(Arguments...)> {};

template <typename Function, typename Result, typename... Arguments, std::size_t... I>
Tool MakeTool(Function function, std::vector<Parameter> parameters, Signature<Result, Arguments...>,
              std::index_sequence<I...>) {
  if (parameters.size() != sizeof...(Arguments)) {
    throw std::invalid_argument("the tool takes " + std::to_string(sizeof...(Arguments)) + " arguments, and " +
                                std::to_string(parameters.size()) + " are named");
  }
  Tool tool;
  tool.parameters = ParametersSchema(parameters, {tool_types::Schema<Arguments>()...},
                                     {tool_types::kIs<Arguments, std::optional>...});
  tool.call = [function = std::move(function),
               parameters = std::move(parameters)](const boost::json::object& arguments) -> boost::json::value {
    if constexpr (std::is_void_v<Result>) {
      function(tool_types::FromMember<Arguments>(arguments, parameters[I].name)...);
      return nullptr;
    } else {
      return boost::json::value_from(function(tool_types::FromMember<Arguments>(arguments, parameters[I].name)...));
    }
  };
  return tool;
}

template <typename Function, typename Result, tool_types::DescribedStruct Arguments>
Tool MakeTool(Function function, Signature<Result, Arguments>) {
  Tool tool;
  tool.parameters = tool_types::Schema<Arguments>();
  tool.call = [function = std::move(function)](const boost::json::object& arguments) -> boost::json::value {
    return boost::json::value_from(function(tool_types::FromJson<Arguments>(arguments)));
  };
  return tool;
}

}  // namespace internal

// A tool out of a function, or an object with one operator(): the schema comes from the types of its parameters (which
// ones, says tool_types.h), the result goes through boost::json::value_from. Parameters are named in their order.
// Throws std::invalid_argument when there are more or fewer names than parameters.
template <typename Function>
Tool ToolFromCallable(std::string name, std::string description, Function function, std::vector<Parameter> parameters) {
  using Type = typename internal::SignatureOf<std::decay_t<Function>>::Type;
  Tool tool = [&]<typename Result, typename... Arguments>(internal::Signature<Result, Arguments...> signature) {
    return internal::MakeTool(std::move(function), std::move(parameters), signature,
                              std::index_sequence_for<Arguments...>());
  }(Type());
  tool.name = std::move(name);
  tool.description = std::move(description);
  return tool;
}

// The same for a function of one struct that Boost.Describe describes: its members are the arguments.
//   struct AddArguments { double a; double b; };
//   BOOST_DESCRIBE_STRUCT(AddArguments, (), (a, b))
template <typename Function>
Tool ToolFromCallable(std::string name, std::string description, Function function) {
  using Type = typename internal::SignatureOf<std::decay_t<Function>>::Type;
  Tool tool = internal::MakeTool(std::move(function), Type());
  tool.name = std::move(name);
  tool.description = std::move(description);
  return tool;
}

// Thread-safe once the tools are registered, as far as the tools are.
class ToolRegistry {
 public:
  // Throws ToolError when the name is taken, or is not one that models take: up to 64 letters, digits, _ and -.
  void Register(Tool tool);

  // Throws ToolError, or what the tool throws.
  [[nodiscard]] boost::json::value Call(std::string_view name, const boost::json::object& arguments) const;

  // Null when there is no such tool.
  [[nodiscard]] const Tool* Find(std::string_view name) const;

  // The `tools` member of a chat request.
  [[nodiscard]] boost::json::array Schemas() const;

 private:
  std::map<std::string, Tool, std::less<>> tools_;
};

}  // namespace stack
