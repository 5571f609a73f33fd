// What a span costs with OpenTelemetry's Java SDK: the same spans as ../../../../peer_bench.cc, with the batch processor
// and the OTLP/HTTP exporter sending to the sink at $ENDPOINT. Prints {"name": figure}.
import com.sun.management.OperatingSystemMXBean;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.lang.management.ManagementFactory;
import java.util.StringJoiner;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

public final class SpanBench {
  private static final int ROUNDS = 200;
  private static final int WARM_UP_ROUNDS = 400; // until the compiler is done
  private static final int SPANS_PER_ROUND = 1000;

  private static final StringJoiner figures = new StringJoiner(", ", "{", "}");

  private static void print(String name, double value) {
    figures.add("\"" + name + "\": " + value);
  }

  private static void startEnd(Tracer tracer) {
    tracer.spanBuilder("work").startSpan().end();
  }

  private static void fiveAttributes(Tracer tracer) {
    Span span = tracer.spanBuilder("work").startSpan();
    span.setAttribute("http.request.method", "POST");
    span.setAttribute("url.path", "/v1/chat/completions");
    span.setAttribute("http.response.status_code", 200);
    span.setAttribute("server.port", 6006);
    span.setAttribute("llm.temperature", 0.7);
    span.end();
  }

  private static SdkTracerProvider provider(Sampler sampler) {
    OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder().setEndpoint(System.getenv("ENDPOINT")).build();
    int queue = Integer.parseInt(System.getenv("OTEL_BSP_MAX_QUEUE_SIZE"));
    return SdkTracerProvider.builder()
        .setSampler(sampler)
        .addSpanProcessor(BatchSpanProcessor.builder(exporter).setMaxQueueSize(queue).build())
        .build();
  }

  private static void flush(SdkTracerProvider provider) {
    provider.forceFlush().join(10, TimeUnit.SECONDS);
  }

  // The clock stops while the queue is flushed, so that no span is measured on the way of a full queue.
  private static void measure(String name, SdkTracerProvider provider, Consumer<Tracer> span) {
    Tracer tracer = provider.get("bench");
    long total = 0;
    for (int round = 0; round < ROUNDS + WARM_UP_ROUNDS; ++round) {
      long begin = System.nanoTime();
      for (int i = 0; i < SPANS_PER_ROUND; ++i) span.accept(tracer);
      if (round >= WARM_UP_ROUNDS) total += System.nanoTime() - begin;
      flush(provider);
    }
    print(name, (double) total / ROUNDS / SPANS_PER_ROUND);
  }

  private static void await(CyclicBarrier gate) {
    try {
      gate.await();
    } catch (Exception exception) {
      throw new IllegalStateException(exception);
    }
  }

  // Wall time a span while eight threads make spans at once.
  private static void measureThreads(SdkTracerProvider provider) {
    final int threads = 8;
    final int rounds = 22;
    final int warmUp = 2;
    final int spansPerThread = 5000;
    Tracer tracer = provider.get("bench");
    CyclicBarrier gate = new CyclicBarrier(threads + 1);
    for (int t = 0; t < threads; ++t) {
      new Thread(
              () -> {
                for (int round = 0; round < rounds; ++round) {
                  await(gate);
                  for (int i = 0; i < spansPerThread; ++i) startEnd(tracer);
                  await(gate);
                }
              })
          .start();
    }
    long total = 0;
    for (int round = 0; round < rounds; ++round) {
      long begin = System.nanoTime(); // the others wait already
      await(gate);
      await(gate);
      if (round >= warmUp) total += System.nanoTime() - begin;
      flush(provider);
    }
    print("8 threads", (double) total / (rounds - warmUp) / threads / spansPerThread);
  }

  private static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }

  // The whole process's share of a core at a steady rate, making the spans included.
  private static void measureRate(SdkTracerProvider provider, int spansPerSecond) throws InterruptedException {
    final int seconds = 3;
    final int ticksPerSecond = 200;
    Tracer tracer = provider.get("bench");
    double before = cpuSeconds();
    long next = System.nanoTime();
    for (int tick = 0; tick < seconds * ticksPerSecond; ++tick) {
      for (int i = 0; i < spansPerSecond / ticksPerSecond; ++i) fiveAttributes(tracer);
      next += 1_000_000_000 / ticksPerSecond;
      TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
    }
    flush(provider);
    print("cores at " + spansPerSecond + " spans/s", (cpuSeconds() - before) / seconds);
  }

  public static void main(String[] arguments) throws InterruptedException {
    SdkTracerProvider on = provider(Sampler.alwaysOn());
    measure("start+end", on, SpanBench::startEnd);
    measure("5 attributes", on, SpanBench::fiveAttributes);
    measureThreads(on);
    measureRate(on, 10_000);
    measureRate(on, 20_000);
    on.shutdown().join(10, TimeUnit.SECONDS);
    SdkTracerProvider off = provider(Sampler.alwaysOff());
    measure("unsampled", off, SpanBench::startEnd);
    off.shutdown().join(10, TimeUnit.SECONDS);
    System.out.println(figures);
  }
}
