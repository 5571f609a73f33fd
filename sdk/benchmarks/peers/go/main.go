// What a span costs with OpenTelemetry's Go SDK: the same spans as ../../peer_bench.cc, with the batch processor and the
// OTLP/HTTP exporter sending to the sink at $ENDPOINT. Prints {"name": figure}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const rounds, warmUpRounds, spansPerRound = 200, 20, 1000

var ctx = context.Background()

func startEnd(tracer trace.Tracer) {
	_, span := tracer.Start(ctx, "work")
	span.End()
}

func fiveAttributes(tracer trace.Tracer) {
	_, span := tracer.Start(ctx, "work")
	span.SetAttributes(attribute.String("http.request.method", "POST"),
		attribute.String("url.path", "/v1/chat/completions"), attribute.Int("http.response.status_code", 200),
		attribute.Int("server.port", 6006), attribute.Float64("llm.temperature", 0.7))
	span.End()
}

// The clock stops while the queue is flushed, so that no span is measured on the way of a full queue.
func measure(provider *sdktrace.TracerProvider, span func(trace.Tracer)) float64 {
	tracer := provider.Tracer("bench")
	var total time.Duration
	for round := 0; round < rounds+warmUpRounds; round++ {
		begin := time.Now()
		for i := 0; i < spansPerRound; i++ {
			span(tracer)
		}
		if took := time.Since(begin); round >= warmUpRounds {
			total += took
		}
		provider.ForceFlush(ctx)
	}
	return float64(total.Nanoseconds()) / rounds / spansPerRound
}

// Wall time a span while eight goroutines make spans at once.
func measureThreads(provider *sdktrace.TracerProvider) float64 {
	const threads, threadRounds, warmUp, spansPerThread = 8, 22, 2, 5000
	tracer := provider.Tracer("bench")
	var total time.Duration
	for round := 0; round < threadRounds; round++ {
		var all sync.WaitGroup
		begin := time.Now()
		for t := 0; t < threads; t++ {
			all.Add(1)
			go func() {
				defer all.Done()
				for i := 0; i < spansPerThread; i++ {
					startEnd(tracer)
				}
			}()
		}
		all.Wait()
		if took := time.Since(begin); round >= warmUp {
			total += took
		}
		provider.ForceFlush(ctx)
	}
	return float64(total.Nanoseconds()) / (threadRounds - warmUp) / threads / spansPerThread
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// The whole process's share of a core at a steady rate, making the spans included.
func measureRate(provider *sdktrace.TracerProvider, spansPerSecond int) float64 {
	const seconds, ticksPerSecond = 3, 200
	tracer := provider.Tracer("bench")
	before := cpuSeconds()
	next := time.Now()
	for tick := 0; tick < seconds*ticksPerSecond; tick++ {
		for i := 0; i < spansPerSecond/ticksPerSecond; i++ {
			fiveAttributes(tracer)
		}
		next = next.Add(time.Second / ticksPerSecond)
		time.Sleep(time.Until(next))
	}
	provider.ForceFlush(ctx)
	return (cpuSeconds() - before) / seconds
}

// Go counts allocations for the whole process only: an exporter's would be among them.
type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

func allocations(sampler sdktrace.Sampler, span func(trace.Tracer)) float64 {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithSpanProcessor(discard{}))
	tracer := provider.Tracer("bench")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 0; i < spansPerRound; i++ {
		span(tracer)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / spansPerRound
}

func provider(sampler sdktrace.Sampler) *sdktrace.TracerProvider {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(os.Getenv("ENDPOINT")))
	if err != nil {
		panic(err)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithBatcher(exporter))
}

func main() {
	on, off := provider(sdktrace.AlwaysSample()), provider(sdktrace.NeverSample())
	result := map[string]float64{
		"start+end":                 measure(on, startEnd),
		"5 attributes":              measure(on, fiveAttributes),
		"8 threads":                 measureThreads(on),
		"unsampled":                 measure(off, startEnd),
		"allocations, start+end":    allocations(sdktrace.AlwaysSample(), startEnd),
		"allocations, 5 attributes": allocations(sdktrace.AlwaysSample(), fiveAttributes),
		"allocations, unsampled":    allocations(sdktrace.NeverSample(), startEnd),
	}
	for _, rate := range []int{10000, 20000} {
		result[fmt.Sprintf("cores at %d spans/s", rate)] = measureRate(on, rate)
	}
	on.Shutdown(ctx)
	json.NewEncoder(os.Stdout).Encode(result)
}
