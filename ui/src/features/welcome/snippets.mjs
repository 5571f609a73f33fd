// Ready-to-run examples with this server's own address in them: each sends a trace as it stands. tests/clients runs them.

/** @typedef {'python' | 'js' | 'cpp' | 'curl' | 'collector'} SnippetId */
/** @typedef {{ id: SnippetId, label: string, before: string, code: string }} Snippet */

const question = 'What is a nightjar?';
const answer = 'A bird that is awake at 2 a.m.';

/** @param {number} bytes */
const randomHex = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @param {string} url */
const python = (url) => `from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

exporter = OTLPSpanExporter(endpoint="${url}")
provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(exporter))

with provider.get_tracer("hello").start_as_current_span("hello") as span:
    span.set_attribute("openinference.span.kind", "CHAIN")
    span.set_attribute("input.value", "${question}")
    span.set_attribute("output.value", "${answer}")

# Every call of the openai client: pip install openinference-instrumentation-openai
# from openinference.instrumentation.openai import OpenAIInstrumentor
# OpenAIInstrumentor().instrument(tracer_provider=provider)
`;

/** @param {string} url */
const js = (url) => `// hello.mjs
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const exporter = new OTLPTraceExporter({ url: '${url}' });
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'my-agent' }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});

const span = provider.getTracer('hello').startSpan('hello');
span.setAttributes({
  'openinference.span.kind': 'CHAIN',
  'input.value': '${question}',
  'output.value': '${answer}',
});
span.end();
await provider.shutdown();
`;

/** @param {string} url */
const cpp = (url) => `#include "nightjar/llm.h"
#include "nightjar/tracing.h"

int main() {
  nightjar::InitTracing({.service_name = "my-agent", .endpoint = "${url}"});
  nightjar::Span run = nightjar::AgentSpan("${question}");
  run.SetAttribute("output.value", "${answer}");
  run.End();
  nightjar::ShutdownTracing();
}
`;

/** @param {string} url @param {number} nowMs */
function curl(url, nowMs) {
  const startNs = `${nowMs}000000`;
  const endNs = `${nowMs + 1000}000000`;
  const span = {
    traceId: randomHex(16),
    spanId: randomHex(8),
    name: 'hello',
    startTimeUnixNano: startNs,
    endTimeUnixNano: endNs,
    attributes: [
      { key: 'openinference.span.kind', value: { stringValue: 'LLM' } },
      { key: 'input.value', value: { stringValue: question } },
      { key: 'output.value', value: { stringValue: answer } },
    ],
  };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, null, 1);
  return `curl -sS ${url} -H 'content-type: application/json' -d '${body}'\n`;
}

/** @param {string} origin */
const collector = (origin) => `receivers:
  otlp:
    protocols:
      http:
exporters:
  otlphttp/nightjar:
    endpoint: ${origin}
service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [otlphttp/nightjar]
`;

/**
 * @param {string} origin
 * @param {number} nowMs
 * @returns {Snippet[]}
 */
export function snippetsFor(origin, nowMs) {
  const url = `${origin}/v1/traces`;
  return [
    {
      id: 'python',
      label: 'Python',
      before: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
      code: python(url),
    },
    {
      id: 'js',
      label: 'JS/TS',
      before: 'npm install @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-proto',
      code: js(url),
    },
    { id: 'cpp', label: 'C++', before: 'Link with the SDK in sdk/ of the repository.', code: cpp(url) },
    {
      id: 'curl',
      label: 'curl',
      before: 'One span, nothing to install. The ids and times are fresh.',
      code: curl(url, nowMs),
    },
    {
      id: 'collector',
      label: 'Collector',
      before: 'What an OpenTelemetry Collector receives, sent on.',
      code: collector(origin),
    },
  ];
}
