// What a span costs with OpenTelemetry's Go SDK: the same spans as ../../span_bench.cc, with the batch processor and the
// OTLP/HTTP exporter sending to the sink at $ENDPOINT. Prints {"name": nanoseconds}.
package main

import (
	"context"
	"encoding/json"
	"os"
	"runtime"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const rounds, spansPerRound = 200, 1000

// The clock stops while the queue is flushed, so that no span is measured on the way of a full queue.
func measure(provider *sdktrace.TracerProvider, span func()) float64 {
	var total time.Duration
	for round := 0; round < rounds+20; round++ {
		begin := time.Now()
		for i := 0; i < spansPerRound; i++ {
			span()
		}
		if took := time.Since(begin); round >= 20 {
			total += took
		}
		provider.ForceFlush(context.Background())
	}
	return float64(total.Nanoseconds()) / rounds / spansPerRound
}

func provider(sampler sdktrace.Sampler) *sdktrace.TracerProvider {
	exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(os.Getenv("ENDPOINT")))
	if err != nil {
		panic(err)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithBatcher(exporter))
}

func main() {
	runtime.GOMAXPROCS(2)
	ctx := context.Background()
	on, off := provider(sdktrace.AlwaysSample()), provider(sdktrace.NeverSample())
	tracer, none := on.Tracer("bench"), off.Tracer("bench")
	result := map[string]float64{
		"start+end": measure(on, func() {
			_, span := tracer.Start(ctx, "work")
			span.End()
		}),
		"5 attributes": measure(on, func() {
			_, span := tracer.Start(ctx, "work")
			span.SetAttributes(attribute.String("http.request.method", "POST"),
				attribute.String("url.path", "/v1/chat/completions"), attribute.Int("http.response.status_code", 200),
				attribute.Int("server.port", 6006), attribute.Float64("llm.temperature", 0.7))
			span.End()
		}),
		"unsampled": measure(off, func() {
			_, span := none.Start(ctx, "work", trace.WithNewRoot())
			span.End()
		}),
	}
	on.Shutdown(ctx)
	json.NewEncoder(os.Stdout).Encode(result)
}
