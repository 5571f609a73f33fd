// Ready-to-run examples with this server's own address in them.

const snippetIds = ['python', 'js', 'cpp', 'curl', 'collector'] as const;
export type SnippetId = (typeof snippetIds)[number];
export type Snippet = { id: SnippetId; label: string; before: string; code: string };

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

const python = (url: string): string => `from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint="${url}")))
OpenAIInstrumentor().instrument(tracer_provider=provider)

# every call of the openai client is now a trace
`;

const js = (url: string): string => `// tracing.mjs, loaded first: node --import ./tracing.mjs app.mjs
import { NodeSDK } from '@opentelemetry/sdk-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';

new NodeSDK({
  serviceName: 'my-agent',
  traceExporter: new OTLPTraceExporter({ url: '${url}' }),
  instrumentations: [new OpenAIInstrumentation()],
}).start();
`;

const cpp = (url: string): string => `#include "nightjar/llm.h"
#include "nightjar/tracing.h"

int main() {
  nightjar::InitTracing({.service_name = "my-agent", .endpoint = "${url}"});
  nightjar::Span run = nightjar::AgentSpan("say hello");
  run.SetAttribute("output.value", "hello");
  run.End();
  nightjar::ShutdownTracing();
}
`;

function curl(url: string, nowMs: number): string {
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
      { key: 'input.value', value: { stringValue: 'What is a nightjar?' } },
      { key: 'output.value', value: { stringValue: 'A bird that is awake at 2 a.m.' } },
    ],
  };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, null, 1);
  return `curl -sS ${url} -H 'content-type: application/json' -d '${body}'\n`;
}

const collector = (origin: string): string => `exporters:
  otlphttp/nightjar:
    endpoint: ${origin}
service:
  pipelines:
    traces:
      exporters: [otlphttp/nightjar]
`;

export function snippetsFor(origin: string, nowMs: number): Snippet[] {
  const url = `${origin}/v1/traces`;
  return [
    {
      id: 'python',
      label: 'Python',
      before:
        'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http openinference-instrumentation-openai',
      code: python(url),
    },
    {
      id: 'js',
      label: 'JS/TS',
      before:
        'npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto @arizeai/openinference-instrumentation-openai',
      code: js(url),
    },
    { id: 'cpp', label: 'C++', before: 'Link with the SDK in sdk/ of this repository.', code: cpp(url) },
    {
      id: 'curl',
      label: 'curl',
      before: 'One span, nothing to install. The ids and times are fresh.',
      code: curl(url, nowMs),
    },
    {
      id: 'collector',
      label: 'Collector',
      before: 'A further exporter of an OpenTelemetry Collector.',
      code: collector(origin),
    },
  ];
}
