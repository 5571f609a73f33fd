#include "bench/body_stream.h"

#include <cstring>
#include <protozero/pbf_reader.hpp>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "client/gzip.h"

namespace nightjar::bench {
namespace {

constexpr std::string_view kSession = "session-";  // as workload.cc names them
constexpr std::size_t kSessionDigits = 6;

// Ids of round r are those of round 0 with this in their first bytes; Mask(0) is 0.
std::uint32_t Mask(std::uint32_t round) { return round * 0x9e3779b1; }

// Field numbers of trace.proto.
template <typename Visit>
void VisitIds(const std::string& bytes, const Visit& visit) {
  protozero::pbf_reader request(bytes);
  while (request.next(1)) {
    protozero::pbf_reader resource_spans = request.get_message();
    while (resource_spans.next(2)) {
      protozero::pbf_reader scope_spans = resource_spans.get_message();
      while (scope_spans.next(2)) {
        protozero::pbf_reader span = scope_spans.get_message();
        while (span.next()) {
          const bool id = span.tag() == 1 || span.tag() == 2 || span.tag() == 4;
          if (id) {
            visit(span.get_view().data());
          } else {
            span.skip();
          }
        }
      }
    }
  }
}

}  // namespace

BodyStream::BodyStream(std::vector<Body> pool) : bodies_(std::move(pool)) {
  CHECK(!bodies_.empty());
  for (const Body& body : bodies_) places_.push_back(Find(body.bytes));
}

BodyStream::Places BodyStream::Find(const std::string& bytes) {
  Places places;
  VisitIds(bytes, [&](const char* id) { places.ids.push_back(static_cast<std::uint32_t>(id - bytes.data())); });
  for (std::size_t at = bytes.find(kSession); at != std::string::npos; at = bytes.find(kSession, at + 1))
    places.sessions.push_back(static_cast<std::uint32_t>(at + kSession.size()));
  return places;
}

const Body& BodyStream::Next() {
  const std::size_t index = next_++;
  if (next_ == bodies_.size()) next_ = 0;
  if (index == 0 && places_[0].ids.empty()) CHECK(false);
  if (round_ != 0) Renew(index);
  if (next_ == 0) ++round_;
  return bodies_[index];
}

void BodyStream::Renew(std::size_t index) {
  std::string& bytes = bodies_[index].bytes;
  const std::uint32_t change = Mask(round_) ^ Mask(round_ - 1);
  for (const std::uint32_t at : places_[index].ids) {
    std::uint32_t first_bytes = 0;
    std::memcpy(&first_bytes, bytes.data() + at, sizeof first_bytes);
    first_bytes ^= change;
    std::memcpy(bytes.data() + at, &first_bytes, sizeof first_bytes);
  }
  for (const std::uint32_t at : places_[index].sessions) {
    // Adds 7 to the first digit pair, modulo 10 each: another session in each of the next ten rounds.
    for (std::size_t digit = 0; digit < kSessionDigits; digit += 2) {
      char& c = bytes[at + digit];
      c = static_cast<char>('0' + (c - '0' + 7) % 10);
    }
  }
}

std::vector<Body> BodyStream::TakeCompressed(std::size_t spans) {
  std::vector<Body> taken;
  for (std::size_t count = 0; count < spans; count += taken.back().spans) {
    const Body& body = Next();
    taken.push_back({client::Gzip(body.bytes), body.spans});
  }
  return taken;
}

NextBody Compressed(NextBody next, std::size_t connections) {
  return [next = std::move(next), kept = std::vector<Body>(connections + 1), at = std::size_t{0}]() mutable {
    const Body* const body = next();
    if (body == nullptr) return body;
    Body& compressed = kept[at++ % kept.size()];
    compressed = {client::Gzip(body->bytes), body->spans};
    return const_cast<const Body*>(&compressed);
  };
}

}  // namespace nightjar::bench
