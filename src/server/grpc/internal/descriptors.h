// Protobuf's description of protobuf files, as far as reflection needs it: descriptor.proto's FileDescriptorProto.
#pragma once

#include <string>
#include <vector>

namespace nightjar::server::internal {

struct FieldDescriptor {
  std::string name;
  int number = 0;
  // As in a .proto file: "[repeated |optional ]bytes", "[repeated ]Span.Event", "enum Span.SpanKind". A name that
  // begins with a dot is whole, another one is of the file's package.
  std::string type;
  std::string oneof;  // that it belongs to; the fields of one stand together
};

struct EnumDescriptor {
  struct Value {
    std::string name;
    int number = 0;
  };
  std::string name;
  std::vector<Value> values;
};

struct MessageDescriptor {
  std::string name;
  std::vector<FieldDescriptor> fields;
  std::vector<MessageDescriptor> messages;  // within it
  std::vector<EnumDescriptor> enums;        // within it
};

enum class Streams { kNone, kAnswers, kBoth };

struct MethodDescriptor {
  std::string name;
  std::string request;
  std::string response;
  Streams streams = Streams::kNone;
};

struct ServiceDescriptor {
  std::string name;
  std::vector<MethodDescriptor> methods;
};

struct FileDescriptor {
  std::string name;  // "opentelemetry/proto/trace/v1/trace.proto"
  std::string package;
  std::vector<std::string> imports;
  std::vector<MessageDescriptor> messages;
  std::vector<EnumDescriptor> enums;
  std::vector<ServiceDescriptor> services;
};

std::string EncodeFileDescriptor(const FileDescriptor& file);

// What the public OTLP definition has (opentelemetry-proto 1.x): the three services and all that they carry.
std::vector<FileDescriptor> OtlpDescriptors();

// grpc.health.v1, grpc.reflection.v1 and grpc.reflection.v1alpha.
std::vector<FileDescriptor> GrpcDescriptors();

}  // namespace nightjar::server::internal
