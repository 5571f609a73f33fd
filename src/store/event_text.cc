#include "store/event_text.h"

#include <cstring>

#include "base/json.h"
#include "model/value_json.h"
#include "store/native_writer.h"

namespace nightjar::store {
namespace {

class Writer {
 public:
  explicit Writer(RopeBuilder& ropes) : ropes_(ropes) {}

  void Number(std::uint64_t number) { AppendVarint(number, literal_); }
  template <typename T>
  void Fixed(const T& value) {
    AppendFixed(value, literal_);
  }
  void Text(std::string_view text) {
    Number(text.size());
    Flush();
    ropes_.AddValue(text);
  }
  void Attributes(const model::Attributes& attributes) {
    Number(attributes.size());
    for (const model::Attribute& attribute : attributes) {
      Text(attribute.key);
      const auto* text = attribute.value.As<std::string>();
      literal_ += text != nullptr ? 's' : 'j';
      Text(text != nullptr ? *text : ToJson(model::ToJsonValue(attribute.value)));
    }
  }
  std::string Take() {
    Flush();
    return ropes_.Take();
  }

 private:
  void Flush() {
    ropes_.AddLiteral(literal_);
    literal_.clear();
  }

  RopeBuilder& ropes_;
  std::string literal_;
};

// Thrown inside this file only.
struct Malformed {};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::uint64_t Number() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Bytes(1)[0]);
      number |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return number;
    }
    throw Malformed();
  }
  template <typename T>
  T Fixed() {
    T value;
    std::memcpy(&value, Bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view Bytes(std::uint64_t size) {
    if (size > rest_.size()) throw Malformed();
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string_view Text() { return Bytes(Number()); }
  model::Attributes Attributes() {
    model::Attributes attributes;
    for (std::uint64_t left = Number(); left > 0; --left) {
      std::string key(Text());
      const char type = Bytes(1)[0];
      attributes.push_back({std::move(key), Value(type, Text())});
    }
    return attributes;
  }

 private:
  static model::Value Value(char type, std::string_view text) {
    if (type == 's') return std::string(text);
    const auto parsed = ParseJson(text);
    if (type != 'j' || !parsed) throw Malformed();
    auto value = model::FromJsonValue(*parsed);
    if (!value) throw Malformed();
    return *std::move(value);
  }

  std::string_view rest_;
};

// Calls read(reader) until the bytes end.
template <typename Item, typename Read>
Result<std::vector<Item>> DecodeAll(std::string_view bytes, Read read) {
  std::vector<Item> items;
  try {
    for (Reader reader(bytes); !reader.done();) items.push_back(read(reader));
  } catch (const Malformed&) {
    return Fail(ErrorCode::kDataLoss, "stored events or links are malformed");
  }
  return items;
}

}  // namespace

std::string EncodeEvents(const std::vector<model::Event>& events, RopeBuilder& ropes) {
  Writer out(ropes);
  for (const model::Event& event : events) {
    out.Fixed(event.time_unix_ns);
    out.Number(event.dropped_attributes);
    out.Text(event.name);
    out.Attributes(event.attributes);
  }
  return out.Take();
}

std::string EncodeLinks(const std::vector<model::Link>& links, RopeBuilder& ropes) {
  Writer out(ropes);
  for (const model::Link& link : links) {
    out.Fixed(link.trace_id.bytes);
    out.Fixed(link.span_id.bytes);
    out.Number(link.flags);
    out.Number(link.dropped_attributes);
    out.Text(link.trace_state);
    out.Attributes(link.attributes);
  }
  return out.Take();
}

Result<std::vector<model::Event>> DecodeEvents(std::string_view bytes) {
  return DecodeAll<model::Event>(bytes, [](Reader& in) {
    model::Event event;
    event.time_unix_ns = in.Fixed<UnixNanos>();
    event.dropped_attributes = static_cast<std::uint32_t>(in.Number());
    event.name = in.Text();
    event.attributes = in.Attributes();
    return event;
  });
}

Result<std::vector<model::Link>> DecodeLinks(std::string_view bytes) {
  return DecodeAll<model::Link>(bytes, [](Reader& in) {
    model::Link link;
    link.trace_id.bytes = in.Fixed<decltype(link.trace_id.bytes)>();
    link.span_id.bytes = in.Fixed<decltype(link.span_id.bytes)>();
    link.flags = static_cast<std::uint32_t>(in.Number());
    link.dropped_attributes = static_cast<std::uint32_t>(in.Number());
    link.trace_state = in.Text();
    link.attributes = in.Attributes();
    return link;
  });
}

}  // namespace nightjar::store
