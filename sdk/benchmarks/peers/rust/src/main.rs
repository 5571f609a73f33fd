// What a span costs with OpenTelemetry's Rust SDK: the same spans as ../../../span_bench.cc, with the batch processor and
// the OTLP/HTTP exporter sending to the sink at $ENDPOINT. Prints {"name": nanoseconds}.
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::time::Instant;

const ROUNDS: u32 = 200;
const SPANS_PER_ROUND: u32 = 1000;

fn provider(sampler: Sampler) -> SdkTracerProvider {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(std::env::var("ENDPOINT").unwrap())
        .build()
        .unwrap();
    SdkTracerProvider::builder().with_sampler(sampler).with_batch_exporter(exporter).build()
}

// The clock stops while the queue is flushed, so that no span is measured on the way of a full queue.
fn measure(provider: &SdkTracerProvider, mut span: impl FnMut()) -> f64 {
    let mut total = 0.0;
    for round in 0..ROUNDS + 20 {
        let begin = Instant::now();
        for _ in 0..SPANS_PER_ROUND {
            span();
        }
        if round >= 20 {
            total += begin.elapsed().as_nanos() as f64;
        }
        let _ = provider.force_flush();
    }
    total / f64::from(ROUNDS) / f64::from(SPANS_PER_ROUND)
}

fn main() {
    let on = provider(Sampler::AlwaysOn);
    let off = provider(Sampler::AlwaysOff);
    let (tracer, none) = (on.tracer("bench"), off.tracer("bench"));
    let start_end = measure(&on, || tracer.start("work").end());
    let attributes = measure(&on, || {
        let mut span = tracer.start("work");
        span.set_attribute(KeyValue::new("http.request.method", "POST"));
        span.set_attribute(KeyValue::new("url.path", "/v1/chat/completions"));
        span.set_attribute(KeyValue::new("http.response.status_code", 200));
        span.set_attribute(KeyValue::new("server.port", 6006));
        span.set_attribute(KeyValue::new("llm.temperature", 0.7));
        span.end();
    });
    let unsampled = measure(&off, || none.start("work").end());
    println!("{{\"start+end\": {start_end}, \"5 attributes\": {attributes}, \"unsampled\": {unsampled}}}");
}
