// What C++ types are as arguments of tools: their JSON schemas, and values of them out of JSON. For
//   bool, integers, double and float, std::string, std::vector, std::map with std::string as its key, std::optional
//   (may be left out), boost::json::value (anything), boost::json::object, and structs and enums described by
//   Boost.Describe, whose members' names are read by it.
#pragma once

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "stack/json_schema.h"

namespace stack::tool_types {

template <typename T, template <typename...> class Template>
inline constexpr bool kIs = false;
template <template <typename...> class Template, typename... Arguments>
inline constexpr bool kIs<Template<Arguments...>, Template> = true;

template <typename T>
concept DescribedStruct = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <typename T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;
template <typename>
inline constexpr bool kUnsupported = false;

template <typename T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <typename T>
boost::json::object Schema();

template <DescribedStruct T>
boost::json::object StructSchema() {
  boost::json::object properties;
  boost::json::array required;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    using Member = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
    properties[member.name] = Schema<Member>();
    if constexpr (!kIs<Member, std::optional>) required.emplace_back(member.name);
  });
  return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

template <std::integral T>
boost::json::object IntegerSchema() {
  boost::json::object schema{{"type", "integer"}};
  if constexpr (sizeof(T) < sizeof(std::int64_t) || std::is_unsigned_v<T>) {
    schema["minimum"] = std::numeric_limits<T>::min();
  }
  if constexpr (sizeof(T) < sizeof(std::int64_t)) schema["maximum"] = std::numeric_limits<T>::max();
  return schema;
}

template <DescribedEnum T>
boost::json::object EnumSchema() {
  boost::json::array names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
      [&](auto enumerator) { names.emplace_back(enumerator.name); });
  return {{"type", "string"}, {"enum", names}};
}

template <typename T>
boost::json::object Schema() {
  if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    return IntegerSchema<T>();
  } else if constexpr (std::floating_point<T>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<T, boost::json::value>) {
    return {};
  } else if constexpr (std::is_same_v<T, boost::json::object>) {
    return {{"type", "object"}};
  } else if constexpr (kIs<T, std::optional>) {
    return Schema<typename T::value_type>();
  } else if constexpr (kIs<T, std::vector>) {
    return {{"type", "array"}, {"items", Schema<typename T::value_type>()}};
  } else if constexpr (kIs<T, std::map>) {
    return {{"type", "object"}, {"additionalProperties", Schema<typename T::mapped_type>()}};
  } else if constexpr (DescribedEnum<T>) {
    return EnumSchema<T>();
  } else if constexpr (DescribedStruct<T>) {
    return StructSchema<T>();
  } else {
    static_assert(kUnsupported<T>,
                  "a tool cannot take arguments of this type; see the list at the top of tool_types.h");
  }
}

// REQUIRES: `value` fits Schema<T>(). Throws std::exception when it does not after all.
template <typename T>
T FromJson(const boost::json::value& value);

// A member that is left out; only an optional one may be.
template <typename T>
T FromMember(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  if constexpr (kIs<T, std::optional>) {
    return member == nullptr ? T() : FromJson<T>(*member);
  } else {
    return FromJson<T>(member == nullptr ? object.at(name) : *member);
  }
}

template <typename T>
T FromJson(const boost::json::value& value) {
  if constexpr (kIs<T, std::optional>) {
    return FromJson<typename T::value_type>(value);
  } else if constexpr (kIs<T, std::vector>) {
    T items;
    for (const auto& item : value.as_array()) items.push_back(FromJson<typename T::value_type>(item));
    return items;
  } else if constexpr (kIs<T, std::map>) {
    T members;
    for (const auto& [key, member] : value.as_object()) members[key] = FromJson<typename T::mapped_type>(member);
    return members;
  } else if constexpr (DescribedStruct<T>) {
    T object;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
      using Member = std::remove_cvref_t<decltype(object.*member.pointer)>;
      object.*member.pointer = FromMember<Member>(value.as_object(), member.name);
    });
    return object;
  } else {
    return boost::json::value_to<T>(value);
  }
}

}  // namespace stack::tool_types
