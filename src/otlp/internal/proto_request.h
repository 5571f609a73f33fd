// The envelope of a protobuf request. The three signals have the same one: request{1: envelope of a resource},
// {1: resource, 2: envelope of a scope, 3: schema_url}, {1: scope, 2: item, 3: schema_url}.
#pragma once

#include <fmt/format.h>

#include <protozero/pbf_message.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "otlp/internal/batch.h"
#include "otlp/internal/proto_values.h"

namespace nightjar::otlp::internal {

// ItemReader(Batch<Decoded>&, ProtoValues&) reads the items: Read(pbf_reader item, Origin) adds one to the batch.
template <typename Decoded, typename ItemReader>
class ProtoRequest {
 public:
  Decoded Read(std::string_view body) {
    protozero::pbf_reader request(body.data(), body.size());
    while (request.next()) {
      if (request.tag_and_type() == Text(1)) {
        ReadOfResource(request.get_message());
      } else {
        request.skip();
      }
    }
    return batch_.Take();
  }

 private:
  void ReadOfResource(protozero::pbf_reader message) {
    const auto begin = batch_.here();
    const std::uint32_t resource = batch_.AddResource();
    std::string reason;  // not empty: the resource was refused, and its items with it
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1):
          Attempt(reason, [&] { values_.ReadResource(message.get_message(), batch_.resource(resource)); });
          break;
        case Text(2): ReadOfScope(message.get_message(), resource); break;
        case Text(3): batch_.resource(resource).schema_url = values_.ReadString(message); break;
        default: message.skip();
      }
    }
    batch_.RejectSince(begin, std::move(reason));
  }

  void ReadOfScope(protozero::pbf_reader message, std::uint32_t resource) {
    const auto begin = batch_.here();
    const std::uint32_t scope = batch_.AddScope();
    std::string reason;  // not empty: the scope was refused, and its items with it
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): Attempt(reason, [&] { values_.ReadScope(message.get_message(), batch_.scope(scope)); }); break;
        case Text(2): items_.Read(message.get_message(), {resource, scope}); break;
        case Text(3): batch_.scope(scope).schema_url = values_.ReadString(message); break;
        default: message.skip();
      }
    }
    batch_.RejectSince(begin, std::move(reason));
  }

  Batch<Decoded> batch_;
  ProtoValues values_{batch_.counters()};
  ItemReader items_{batch_, values_};
};

// `name` is that of the request's message.
template <typename Decoded, typename ItemReader>
Result<Decoded> DecodeProto(std::string_view body, std::string_view name) {
  try {
    return ProtoRequest<Decoded, ItemReader>().Read(body);
  } catch (const protozero::exception& error) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("the body is not a protobuf {}: {}", name, error.what()));
  } catch (const TooManyValues&) {
    return Fail(OverTheValueLimit());
  }
}

}  // namespace nightjar::otlp::internal
