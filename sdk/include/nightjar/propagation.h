// Contexts across processes: written into the headers of a request, or the environment of a child process, and read
// there.
//
//   HeaderCarrier headers;                                              // the sender
//   propagator().Inject(Context::Current(), headers);                   // traceparent, tracestate, baggage
//
//   const Context parent = propagator().Extract(received_headers);      // the receiver
//   Span span = tracer().StartActiveSpan("POST /chat", {.kind = SpanKind::kServer, .parent = &parent});
//
// Threads: all may call the functions here at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nightjar/context.h"

namespace nightjar {

// Where propagators read and write. Names are in lower case, as they ask for them. One thread at a time
// uses a carrier.
//   class OneHeader final : public Carrier {
//    public:
//     std::vector<std::string> Read(std::string_view name) const override {
//       return name == "traceparent" ? std::vector{value_} : std::vector<std::string>();
//     }
//     void Write(std::string_view name, std::string_view value) override {
//       if (name == "traceparent") value_ = value;
//     }
//
//    private:
//     std::string value_;
//   };
class Carrier {
 public:
  Carrier() = default;
  virtual ~Carrier() = default;
  // All values under the name, in their order; empty when there is none. One of your own ends an Extract if it throws.
  [[nodiscard]] virtual std::vector<std::string> Read(std::string_view name) const = 0;
  // One of your own ends an Inject if it throws.
  virtual void Write(std::string_view name, std::string_view value) = 0;
};

// HTTP headers. Names are compared without regard to case.
//   HeaderCarrier received;
//   received.Add("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
//   for (const auto& [name, value] : received.headers()) std::printf("%s: %s\n", name.c_str(), value.c_str());
// Without memory nothing is found, and nothing added. One thread at a time may change it.
class HeaderCarrier final : public Carrier {
 public:
  [[nodiscard]] std::vector<std::string> Read(std::string_view name) const noexcept override;
  void Write(std::string_view name, std::string_view value) noexcept override;  // replaces
  void Add(std::string name, std::string value) noexcept;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept { return headers_; }

 private:
  std::vector<std::pair<std::string, std::string>> headers_;
};

// Environment variables: traceparent is TRACEPARENT. Reads this process's environment, and what was written; writes
// only into variables(), "NAME=value" each, to be given to a child process.
//   EnvironmentCarrier child;
//   propagator().Inject(Context::Current(), child);
//   for (const std::string& variable : child.variables()) std::puts(variable.c_str());
// Without memory nothing is found, and nothing added. One thread at a time may change it; none may change the
// environment meanwhile.
class EnvironmentCarrier final : public Carrier {
 public:
  [[nodiscard]] std::vector<std::string> Read(std::string_view name) const noexcept override;
  void Write(std::string_view name, std::string_view value) noexcept override;
  [[nodiscard]] const std::vector<std::string>& variables() const noexcept { return variables_; }

 private:
  std::vector<std::string> variables_;
};

// Thread-safe, as samplers are.
//   for (const std::string& name : propagator().fields()) std::puts(name.c_str());  // traceparent, …
class Propagator {
 public:
  Propagator() = default;
  Propagator(const Propagator&) = delete;
  Propagator& operator=(const Propagator&) = delete;
  virtual ~Propagator() = default;
  // Writes nothing for what the context does not have.
  virtual void Inject(const Context& context, Carrier& carrier) const noexcept = 0;
  // `context` with what the carrier has; what breaks its grammar counts as not there.
  [[nodiscard]] virtual Context Extract(const Carrier& carrier, Context context = {}) const noexcept = 0;
  // The names it writes.
  [[nodiscard]] virtual std::vector<std::string> fields() const noexcept = 0;
};
using PropagatorPtr = std::shared_ptr<const Propagator>;  // shared by composites

//   SetPropagator(CompositePropagator({TraceContextPropagator(), BaggagePropagator(), B3Propagator()}));
//   SetPropagator(B3MultiPropagator());
// Null when there is no memory.
PropagatorPtr TraceContextPropagator() noexcept;  // traceparent and tracestate, W3C Trace Context level 2
PropagatorPtr BaggagePropagator() noexcept;       // baggage, W3C
PropagatorPtr B3Propagator() noexcept;            // writes the single header b3; reads it, and x-b3-*
PropagatorPtr B3MultiPropagator() noexcept;       // writes x-b3-*; reads both
PropagatorPtr CompositePropagator(std::vector<PropagatorPtr> parts) noexcept;  // without those that are null

// The process's propagator: InitTracing sets it by OTEL_PROPAGATORS (tracecontext,baggage). Before that it does
// nothing.
const Propagator& propagator() noexcept;
// Null, and what there is no memory for, leave it as it is. Thread-safe.
void SetPropagator(PropagatorPtr propagator) noexcept;

}  // namespace nightjar
