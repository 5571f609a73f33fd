// The envelope of an OTLP/JSON request, the same for each signal but for the names. In it a known field of a wrong type
// refuses the request: it would have carried items, and nobody knows how many.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>

#include "otlp/internal/batch.h"
#include "otlp/internal/json_values.h"

namespace nightjar::otlp::internal {

struct JsonNames {
  std::string_view message;  // of the request
  std::string_view resources;
  std::string_view scopes;
  std::string_view items;
};

// ItemReader(Batch<Decoded>&, JsonValues&) reads the items: Read(JsonValue& item, Origin) adds one to the batch.
template <typename Decoded, typename ItemReader>
class JsonRequest {
 public:
  explicit JsonRequest(const JsonNames& names) : names_(names) {}

  Result<Decoded> Read(const simdjson::padded_string& body) {
    simdjson::ondemand::document document;
    if (const auto error = parser_.iterate(body).get(document)) return NotARequest(simdjson::error_message(error));
    try {
      if (document.type() != simdjson::ondemand::json_type::object) return NotARequest("it is not an object");
      ReadFields(document.get_object());
      const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
      if (!at_end) throw simdjson::simdjson_error(simdjson::TRAILING_CONTENT);
      return batch_.Take();
    } catch (const Rejected& rejected) {
      return NotARequest(rejected.reason);
    } catch (const simdjson::simdjson_error& error) {
      const char* place = nullptr;
      if (document.current_location().get(place) != simdjson::SUCCESS) return NotARequest(error.what());
      return NotARequest(fmt::format("{} (near byte {})", error.what(), place - body.data()));
    } catch (const TooManyValues&) {
      return Fail(OverTheValueLimit());
    }
  }

 private:
  std::unexpected<Error> NotARequest(std::string_view why) const {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the body is not an {} in OTLP/JSON: {}", names_.message, why));
  }

  void ReadFields(simdjson::ondemand::object request) {
    const auto begin = batch_.here();
    ForEachField(request, [&](std::string_view key, JsonValue& field) {
      if (key != names_.resources) return;
      batch_.ForgetSince(begin);
      ForEachItem(field, key, [&](JsonValue& item) { ReadOfResource(item); });
    });
  }

  void ReadOfResource(JsonValue value) {
    const auto begin = batch_.here();
    const std::uint32_t resource = batch_.AddResource();
    std::string reason;  // not empty: the resource was refused, and its items with it
    ForEachField(value, resource_element_, [&](std::string_view key, JsonValue& field) {
      if (key == "resource") {
        Attempt(reason, [&] { values_.ReadResource(field, batch_.resource(resource)); });
      } else if (key == names_.scopes) {
        batch_.ForgetSince(begin);
        ForEachItem(field, key, [&](JsonValue& item) { ReadOfScope(item, resource); });
      } else if (key == "schemaUrl") {
        Attempt(reason, [&] { batch_.resource(resource).schema_url = values_.ReadString(field, key); });
      }
    });
    batch_.RejectSince(begin, std::move(reason));
  }

  void ReadOfScope(JsonValue value, std::uint32_t resource) {
    const auto begin = batch_.here();
    const std::uint32_t scope = batch_.AddScope();
    std::string reason;  // not empty: the scope was refused, and its items with it
    ForEachField(value, scope_element_, [&](std::string_view key, JsonValue& field) {
      if (key == "scope") {
        Attempt(reason, [&] { values_.ReadScope(field, batch_.scope(scope)); });
      } else if (key == names_.items) {
        batch_.ForgetSince(begin);
        ForEachItem(field, key, [&](JsonValue& item) { items_.Read(item, {resource, scope}); });
      } else if (key == "schemaUrl") {
        Attempt(reason, [&] { batch_.scope(scope).schema_url = values_.ReadString(field, key); });
      }
    });
    batch_.RejectSince(begin, std::move(reason));
  }

  const JsonNames names_;
  const std::string resource_element_ = fmt::format("an element of {}", names_.resources);
  const std::string scope_element_ = fmt::format("an element of {}", names_.scopes);
  simdjson::ondemand::parser parser_;
  Batch<Decoded> batch_;
  JsonValues values_{parser_, batch_.counters()};
  ItemReader items_{batch_, values_};
};

template <typename Decoded, typename ItemReader>
Result<Decoded> DecodeJson(std::string_view body, const JsonNames& names) {
  return JsonRequest<Decoded, ItemReader>(names).Read(simdjson::padded_string(body));
}

}  // namespace nightjar::otlp::internal
