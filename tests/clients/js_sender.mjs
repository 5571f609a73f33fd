// Sends spans, log records and metrics with the OpenTelemetry SDK for JavaScript, and says what it sent.
//
// usage: node js_sender.mjs grpc|proto|json none|gzip SPANS, with OTEL_EXPORTER_OTLP_ENDPOINT set
import { createRequire } from "node:module";

// The packages are in a cache folder, which NODE_PATH names.
const require = createRequire(import.meta.url);
const { trace, context } = require("@opentelemetry/api");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { BasicTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { LoggerProvider, BatchLogRecordProcessor } = require("@opentelemetry/sdk-logs");
const { MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");

const PACKAGES = { grpc: "grpc", proto: "proto", json: "http" };

// Exporters that remember what each batch came to: 0 is success.
function exporters(protocol, compression, outcomes) {
  const options = { compression };
  const made = {};
  for (const [signal, kind] of [["trace", "OTLPTraceExporter"], ["logs", "OTLPLogExporter"], ["metrics", "OTLPMetricExporter"]]) {
    const exporter = new (require(`@opentelemetry/exporter-${signal}-otlp-${PACKAGES[protocol]}`)[kind])(options);
    const inner = exporter.export.bind(exporter);
    const name = signal === "trace" ? "traces" : signal;
    outcomes[name] = [];
    exporter.export = (items, done) =>
      inner(items, (result) => {
        outcomes[name].push(result.code === 0 ? "SUCCESS" : `FAILURE: ${result.error?.message}`);
        done(result);
      });
    made[name] = exporter;
  }
  return made;
}

const [protocol, compression, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const resource = resourceFromAttributes({ "service.name": "js-sender" });
const results = {};
const made = exporters(protocol, compression, results);
const traces = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(made.traces)] });
const logs = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: made.logs })] });
const reader = new PeriodicExportingMetricReader({ exporter: made.metrics, exportIntervalMillis: 3_600_000 });
const metrics = new MeterProvider({ resource, readers: [reader] });

const tracer = traces.getTracer("tests");
const logger = logs.getLogger("owls");
const counter = metrics.getMeter("tests").createCounter("owls");
const root = tracer.startSpan("root");
const spans = [root.spanContext().spanId];
for (let number = 0; number < count - 1; number++) {
  const parent = trace.setSpan(context.active(), root);
  const child = tracer.startSpan(`child ${number}`, { attributes: { number, text: "owl" } }, parent);
  spans.push(child.spanContext().spanId);
  logger.emit({ body: `owl ${number}`, severityNumber: 13, context: trace.setSpan(context.active(), child) });
  counter.add(1, { kind: "barn" });
  child.end();
}
root.end();
for (const provider of [traces, logs, metrics]) {
  await provider.shutdown().catch((error) => console.error(error.message));
}
console.log(JSON.stringify({ trace_id: root.spanContext().traceId, span_ids: spans, results }));
