// Cases of the W3C's Trace Context test suite (w3c/trace-context, test/test.py), of W3C Baggage and of B3.
#include "nightjar/propagation.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "nightjar/baggage.h"

namespace nightjar {
namespace {

constexpr const char* kTraceId = "12345678901234567890123456789012";
constexpr const char* kSpanId = "1234567890123456";

using Headers = std::vector<std::pair<std::string, std::string>>;

HeaderCarrier Carry(const Headers& headers) {
  HeaderCarrier carrier;
  for (const auto& [name, value] : headers) carrier.Add(name, value);
  return carrier;
}

SpanContext Extract(const Headers& headers) { return TraceContextPropagator()->Extract(Carry(headers)).span(); }

TEST(TraceParent, Table) {
  const std::string ids = std::string("-") + kTraceId + "-" + kSpanId;
  struct Case {
    std::string header;
    bool valid;
    bool sampled;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"00" + ids + "-01", true, true},
                                   {"00" + ids + "-00", true, false},
                                   {"00" + ids + "-ff", true, true},     // unknown flags are ignored
                                   {" 00" + ids + "-01\t", true, true},  // optional white space
                                   {"cc" + ids + "-01", true, true},     // a later version
                                   {"cc" + ids + "-01-what-the-future-will-be-like", true, true},
                                   {"cc" + ids + "-01.what-the-future-will-be-like", false, false},
                                   {"cc" + ids + "-01what", false, false},
                                   {"00" + ids + "-01-what-the-future-will-be-like", false, false},
                                   {"00" + ids + "-01.", false, false},
                                   {"ff" + ids + "-01", false, false},  // forbidden version
                                   {".0" + ids + "-01", false, false},
                                   {"0." + ids + "-01", false, false},
                                   {"000" + ids + "-01", false, false},
                                   {"0" + ids + "-01", false, false},
                                   {"00" + ids + "-1", false, false},
                                   {"00" + ids + "-001", false, false},
                                   {"00" + ids + "-.0", false, false},
                                   {"00" + ids + "-0.", false, false},
                                   {"00" + ids, false, false},
                                   {"00-00000000000000000000000000000000-1234567890123456-01", false, false},
                                   {"00-12345678901234567890123456789012-0000000000000000-01", false, false},
                                   {"00-.2345678901234567890123456789012-1234567890123456-01", false, false},
                                   {"00-1234567890123456789012345678901.-1234567890123456-01", false, false},
                                   {"00-1234567890123456789012345678901-1234567890123456-01", false, false},
                                   {"00-123456789012345678901234567890123-1234567890123456-01", false, false},
                                   {"00-12345678901234567890123456789012-.234567890123456-01", false, false},
                                   {"00-12345678901234567890123456789012-123456789012345-01", false, false},
                                   {"00-12345678901234567890123456789012-12345678901234567-01", false, false},
                                   {"00-ABCDEF78901234567890123456789012-1234567890123456-01", false, false},
                                   {"00-12345678901234567890123456789012-ABCDEF7890123456-01", false, false},
                                   {"", false, false}}) {
    const SpanContext span = Extract({{"traceparent", c.header}});
    EXPECT_EQ(span.valid(), c.valid) << c.header;
    if (!c.valid) continue;
    EXPECT_EQ(span.trace_id_hex(), kTraceId);
    EXPECT_EQ(span.span_id_hex(), kSpanId);
    EXPECT_EQ(span.sampled, c.sampled) << c.header;
    EXPECT_TRUE(span.remote);
  }
}

TEST(TraceParent, NamesAreReadInAnyCaseAndOnlyOnce) {
  const std::string header = "00-12345678901234567890123456789012-1234567890123456-03";
  EXPECT_TRUE(Extract({{"TraceParent", header}}).valid());
  EXPECT_TRUE(Extract({{"TRACEPARENT", header}}).random);
  EXPECT_FALSE(Extract({{"traceparent", header}, {"traceparent", header}}).valid());
  EXPECT_FALSE(Extract({{"trace-parent", header}}).valid());
}

TEST(TraceState, Table) {
  const std::string long_key(256, 'z');
  struct Case {
    Headers states;
    std::string expected;  // "": left out
  };
  std::string many;
  for (int i = 0; i < 32; ++i) many += (i == 0 ? "" : ",") + ("bar" + std::to_string(i) + "=" + std::to_string(i));
  for (const Case& c : std::initializer_list<Case>{
           {{{"tracestate", "foo=1,bar=2"}}, "foo=1,bar=2"},
           {{{"TraceState", "foo=1"}}, "foo=1"},
           {{{"tracestate", "foo=1,bar=2"}, {"tracestate", "rojo=1,congo=2"}}, "foo=1,bar=2,rojo=1,congo=2"},
           {{{"tracestate", "foo=1 \t , \t bar=2, \t baz=3"}}, "foo=1,bar=2,baz=3"},
           {{{"tracestate", "foo=1,,,bar=2"}}, "foo=1,bar=2"},
           {{{"tracestate", ""}}, ""},
           {{{"tracestate", "foo@=1,bar=2"}}, ""},
           {{{"tracestate", "@foo=1,bar=2"}}, ""},
           {{{"tracestate", "foo@@bar=1,bar=2"}}, ""},
           {{{"tracestate", "foo@bar@baz=1,bar=2"}}, ""},
           {{{"tracestate", "foo =1"}}, ""},
           {{{"tracestate", "FOO=1"}}, ""},
           {{{"tracestate", "foo.bar=1"}}, ""},
           {{{"tracestate", "foo=bar=baz"}}, ""},
           {{{"tracestate", "foo=,bar=3"}}, ""},
           {{{"tracestate", "foo=1,foo=1"}}, ""},
           {{{"tracestate", "foo"}}, ""},
           {{{"tracestate", "foo-_*/bar=bar4"}}, "foo-_*/bar=bar4"},
           {{{"tracestate", "0foo=1"}}, "0foo=1"},
           {{{"tracestate", long_key + "=1"}}, long_key + "=1"},
           {{{"tracestate", long_key + "z=1"}}, ""},
           {{{"tracestate", std::string(241, 't') + "@" + std::string(14, 'v') + "=1"}},
            std::string(241, 't') + "@" + std::string(14, 'v') + "=1"},
           {{{"tracestate", std::string(242, 't') + "@v=1"}}, ""},
           {{{"tracestate", "t@" + std::string(15, 'v') + "=1"}}, ""},
           {{{"tracestate", "foo=" + std::string(256, 'v')}}, "foo=" + std::string(256, 'v')},
           {{{"tracestate", "foo=" + std::string(257, 'v')}}, ""},
           {{{"tracestate", many}}, many},
           {{{"tracestate", many + ",bar32=32"}}, ""}}) {
    Headers headers = c.states;
    headers.emplace_back("traceparent", "00-12345678901234567890123456789012-1234567890123456-00");
    const SpanContext span = Extract(headers);
    EXPECT_TRUE(span.valid());
    EXPECT_EQ(span.trace_state.header(), c.expected) << c.states[0].second;
  }
  EXPECT_TRUE(Extract({{"tracestate", "foo=1"}}).trace_state.empty());  // nothing without a traceparent
}

TEST(TraceState, Changes) {
  const TraceState state = *TraceState::Parse("a=1,b=2,c=3");
  EXPECT_EQ(state.Find("b"), "2");
  EXPECT_EQ(state.Find("d"), "");
  EXPECT_EQ(state.With("b", "new").header(), "b=new,a=1,c=3");  // what is changed comes first
  EXPECT_EQ(state.With("d", "4").header(), "d=4,a=1,b=2,c=3");
  EXPECT_EQ(state.With("D", "4").header(), "a=1,b=2,c=3");
  EXPECT_EQ(state.With("d", "4,5").header(), "a=1,b=2,c=3");
  EXPECT_EQ(state.Without("a").header(), "b=2,c=3");
  TraceState full;
  for (int i = 0; i < 33; ++i) full = full.With("k" + std::to_string(i), "v");
  EXPECT_EQ(full.Find("k0"), "");  // the oldest goes
  EXPECT_EQ(full.Find("k32"), "v");
}

TEST(TraceContext, Injects) {
  SpanContext span =
      Extract({{"traceparent", "00-12345678901234567890123456789012-1234567890123456-03"}, {"tracestate", "foo=1"}});
  HeaderCarrier carrier;
  carrier.Add("Traceparent", "old");
  TraceContextPropagator()->Inject(Context().WithSpan(span), carrier);
  const Headers expected = {{"traceparent", "00-12345678901234567890123456789012-1234567890123456-03"},
                            {"tracestate", "foo=1"}};
  EXPECT_EQ(carrier.headers(), expected);
  HeaderCarrier nothing;
  TraceContextPropagator()->Inject(Context(), nothing);
  EXPECT_TRUE(nothing.headers().empty());
}

TEST(TraceContext, WhatCannotBeReadLeavesTheContext) {
  const SpanContext before = Extract({{"traceparent", "00-12345678901234567890123456789012-1234567890123456-00"}});
  const Context after =
      TraceContextPropagator()->Extract(Carry({{"traceparent", "nonsense"}}), Context().WithSpan(before));
  EXPECT_EQ(after.span().trace_id_hex(), kTraceId);
}

TEST(BaggageHeader, Table) {
  struct Case {
    std::string header;
    std::string expected;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"SomeKey=SomeValue", "SomeKey=SomeValue"},
           {"SomeKey = SomeValue \t , \t SomeKey2=SomeValue2", "SomeKey=SomeValue,SomeKey2=SomeValue2"},
           {"SomeKey=SomeValue;ValueProp=PropVal", "SomeKey=SomeValue;ValueProp=PropVal"},
           {"key=%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29", "key=%09%20%22'%3B=asdf!@#$%25^&*()"},
           {"key=%C3%A9", "key=%C3%A9"},
           {"key=100%", "key=100%25"},
           {"key=", "key="},
           {"broken,=x,a b=1,ok=1", "ok=1"},
           {"key=a b", ""},
           {"", ""}}) {
    EXPECT_EQ(Baggage::Parse(c.header).header(), c.expected) << c.header;
  }
}

TEST(BaggageHeader, Limits) {
  std::string header;
  for (int i = 0; i < 65; ++i) header += (i == 0 ? "" : ",") + ("k" + std::to_string(i) + "=v");
  EXPECT_EQ(Baggage::Parse(header).entries().size(), 64U);
  EXPECT_EQ(Baggage().With("big", std::string(9'000, 'x')).With("ok", "1").header(), "ok=1");
}

TEST(BaggageHeader, TravelsInAContext) {
  const Context context = Context().With(kBaggage, Baggage().With("tenant", "t 1", "p=2"));
  HeaderCarrier carrier;
  BaggagePropagator()->Inject(context, carrier);
  EXPECT_EQ(carrier.headers(), (Headers{{"baggage", "tenant=t%201;p=2"}}));
  const Context received = BaggagePropagator()->Extract(carrier);
  ASSERT_NE(received.Find(kBaggage), nullptr);
  EXPECT_EQ(*received.Find(kBaggage)->Find("tenant"), "t 1");
  EXPECT_EQ(received.Find(kBaggage)->Without("tenant").entries().size(), 0U);
  // Several headers are one list.
  const Context two = BaggagePropagator()->Extract(Carry({{"baggage", "a=1"}, {"Baggage", "b=2"}}));
  EXPECT_EQ(two.Find(kBaggage)->entries().size(), 2U);
}

TEST(B3, Table) {
  struct Case {
    Headers headers;
    std::string expected;  // trace id, span id, flag
  };
  for (const Case& c : std::initializer_list<Case>{
           {{{"b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"}},
            "80f198ee56343ba864fe8b2a57d3eff7 e457b5a2e4d86bd1 1"},
           {{{"b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-d-05e3ac9a4f6e3b90"}},
            "80f198ee56343ba864fe8b2a57d3eff7 e457b5a2e4d86bd1 1"},
           {{{"b3", "64fe8b2a57d3eff7-e457b5a2e4d86bd1-0"}}, "000000000000000064fe8b2a57d3eff7 e457b5a2e4d86bd1 0"},
           {{{"b3", "64fe8b2a57d3eff7-e457b5a2e4d86bd1"}}, "000000000000000064fe8b2a57d3eff7 e457b5a2e4d86bd1 0"},
           {{{"b3", "0"}}, ""},
           {{{"b3", "xyz-e457b5a2e4d86bd1-1"}}, ""},
           {{{"X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"},
             {"X-B3-SpanId", "e457b5a2e4d86bd1"},
             {"X-B3-Sampled", "1"}},
            "80f198ee56343ba864fe8b2a57d3eff7 e457b5a2e4d86bd1 1"},
           {{{"X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"},
             {"X-B3-SpanId", "e457b5a2e4d86bd1"},
             {"X-B3-Flags", "1"}},
            "80f198ee56343ba864fe8b2a57d3eff7 e457b5a2e4d86bd1 1"},
           {{{"X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"}}, ""}}) {
    const SpanContext span = B3Propagator()->Extract(Carry(c.headers)).span();
    const std::string got =
        span.valid() ? span.trace_id_hex() + " " + span.span_id_hex() + (span.sampled ? " 1" : " 0") : "";
    EXPECT_EQ(got, c.expected);
  }
}

TEST(B3, Injects) {
  const Context context =
      B3Propagator()->Extract(Carry({{"b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"}}));
  HeaderCarrier single;
  B3Propagator()->Inject(context, single);
  EXPECT_EQ(single.headers(), (Headers{{"b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"}}));
  HeaderCarrier multi;
  B3MultiPropagator()->Inject(context, multi);
  EXPECT_EQ(multi.headers(), (Headers{{"x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"},
                                      {"x-b3-spanid", "e457b5a2e4d86bd1"},
                                      {"x-b3-sampled", "1"}}));
}

TEST(Composite, FieldsAndOrder) {
  const PropagatorPtr both = CompositePropagator({TraceContextPropagator(), BaggagePropagator()});
  EXPECT_EQ(both->fields(), (std::vector<std::string>{"traceparent", "tracestate", "baggage"}));
  const Context context = both->Extract(
      Carry({{"traceparent", "00-12345678901234567890123456789012-1234567890123456-01"}, {"baggage", "a=1"}}));
  EXPECT_TRUE(context.span().valid());
  EXPECT_EQ(*context.Find(kBaggage)->Find("a"), "1");
}

TEST(EnvironmentCarrier, ReadsThisProcessAndWritesForAChild) {
  setenv("TRACEPARENT", "00-12345678901234567890123456789012-1234567890123456-01", 1);
  EnvironmentCarrier carrier;
  const Context context = TraceContextPropagator()->Extract(carrier);
  unsetenv("TRACEPARENT");
  EXPECT_EQ(context.span().trace_id_hex(), kTraceId);
  TraceContextPropagator()->Inject(context, carrier);
  EXPECT_EQ(carrier.variables(),
            (std::vector<std::string>{"TRACEPARENT=00-12345678901234567890123456789012-1234567890123456-01"}));
}

}  // namespace
}  // namespace nightjar
