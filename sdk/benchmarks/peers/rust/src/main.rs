// What a span costs with OpenTelemetry's Rust SDK: the same spans as ../../../peer_bench.cc, with the batch processor and
// the OTLP/HTTP exporter sending to the sink at $ENDPOINT. Prints {"name": figure}.
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 200;
const WARM_UP_ROUNDS: u32 = 20;
const SPANS_PER_ROUND: u32 = 1000;

type Figures = Vec<(String, f64)>;

thread_local!(static ALLOCATIONS: Cell<u64> = const { Cell::new(0) });

struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn start_end(tracer: &SdkTracer) {
    tracer.start("work").end();
}

fn five_attributes(tracer: &SdkTracer) {
    let mut span = tracer.start("work");
    span.set_attribute(KeyValue::new("http.request.method", "POST"));
    span.set_attribute(KeyValue::new("url.path", "/v1/chat/completions"));
    span.set_attribute(KeyValue::new("http.response.status_code", 200));
    span.set_attribute(KeyValue::new("server.port", 6006));
    span.set_attribute(KeyValue::new("llm.temperature", 0.7));
    span.end();
}

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
fn measure(figures: &mut Figures, name: &str, provider: &SdkTracerProvider, span: fn(&SdkTracer)) {
    let tracer = provider.tracer("bench");
    let mut total = Duration::ZERO;
    let mut allocations = 0;
    for round in 0..ROUNDS + WARM_UP_ROUNDS {
        let before = ALLOCATIONS.get();
        let begin = Instant::now();
        for _ in 0..SPANS_PER_ROUND {
            span(&tracer);
        }
        if round >= WARM_UP_ROUNDS {
            total += begin.elapsed();
            allocations += ALLOCATIONS.get() - before;
        }
        let _ = provider.force_flush();
    }
    let spans = f64::from(ROUNDS * SPANS_PER_ROUND);
    figures.push((name.to_string(), total.as_nanos() as f64 / spans));
    figures.push((format!("allocations, {name}"), allocations as f64 / spans));
}

// Wall time a span while eight threads make spans at once.
fn measure_threads(figures: &mut Figures, provider: &SdkTracerProvider) {
    const THREADS: usize = 8;
    const THREAD_ROUNDS: u32 = 22;
    const WARM_UP: u32 = 2;
    const SPANS_PER_THREAD: u32 = 5000;
    let gate = Barrier::new(THREADS + 1);
    let mut total = Duration::ZERO;
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let tracer = provider.tracer("bench");
                for _ in 0..THREAD_ROUNDS {
                    gate.wait();
                    for _ in 0..SPANS_PER_THREAD {
                        start_end(&tracer);
                    }
                    gate.wait();
                }
            });
        }
        for round in 0..THREAD_ROUNDS {
            let begin = Instant::now(); // the others wait already
            gate.wait();
            gate.wait();
            if round >= WARM_UP {
                total += begin.elapsed();
            }
            let _ = provider.force_flush();
        }
    });
    let spans = f64::from((THREAD_ROUNDS - WARM_UP) * SPANS_PER_THREAD) * THREADS as f64;
    figures.push(("8 threads".to_string(), total.as_nanos() as f64 / spans));
}

// User and system time of this process, in hundredths of a second (proc(5)).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

// The whole process's share of a core at a steady rate, making the spans included.
fn measure_rate(figures: &mut Figures, provider: &SdkTracerProvider, spans_per_second: u32) {
    const SECONDS: u32 = 3;
    const TICKS_PER_SECOND: u32 = 200;
    let tracer = provider.tracer("bench");
    let before = cpu_seconds();
    let mut next = Instant::now();
    for _ in 0..SECONDS * TICKS_PER_SECOND {
        for _ in 0..spans_per_second / TICKS_PER_SECOND {
            five_attributes(&tracer);
        }
        next += Duration::from_secs(1) / TICKS_PER_SECOND;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let _ = provider.force_flush();
    figures.push((format!("cores at {spans_per_second} spans/s"), (cpu_seconds() - before) / f64::from(SECONDS)));
}

fn main() {
    let on = provider(Sampler::AlwaysOn);
    let mut figures = Figures::new();
    measure(&mut figures, "start+end", &on, start_end);
    measure(&mut figures, "5 attributes", &on, five_attributes);
    measure_threads(&mut figures, &on);
    measure_rate(&mut figures, &on, 10_000);
    measure_rate(&mut figures, &on, 20_000);
    let _ = on.shutdown();
    measure(&mut figures, "unsampled", &provider(Sampler::AlwaysOff), start_end);
    let members: Vec<String> = figures.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    println!("{{{}}}", members.join(", "));
}
