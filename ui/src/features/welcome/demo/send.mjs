// Sends the demo as any program would: OTLP in JSON, and annotations.
import { evalsOf, logsOf, makeTraces } from './traces.mjs';

const anyValue = (value) => {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'bigint' ? { intValue: String(value) } : { doubleValue: value };
};

const attributesOf = (values) => Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));

const spanOf = ({ parentId, startNs, endNs, attributes, events = [], ...span }) => ({
  ...span,
  ...(parentId === undefined ? {} : { parentSpanId: parentId }),
  startTimeUnixNano: String(startNs),
  endTimeUnixNano: String(endNs),
  attributes: attributesOf(attributes),
  events: events.map((event) => ({
    timeUnixNano: String(event.timeNs),
    name: event.name,
    attributes: attributesOf(event.attributes),
  })),
});

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`the server refused the demo: ${answer.status} ${await answer.text()}`);
}

// Projects need seeds of their own: a trace id stands for one trace.
export async function sendDemo(url, project, seed) {
  const traces = makeTraces(BigInt(Date.now()) * 1_000_000n, seed);
  const resource = {
    attributes: attributesOf({
      'service.name': 'support-api',
      'openinference.project.name': project,
      'deployment.environment': 'production',
    }),
  };
  const scope = { name: 'openinference.instrumentation.openai' };
  const spans = traces.flatMap((trace) => trace.spans.map(spanOf));
  await post(`${url}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
  await post(`${url}/v1/logs`, { resourceLogs: [{ resource, scopeLogs: [{ logRecords: traces.flatMap(logsOf) }] }] });
  const evals = evalsOf(traces);
  await post(`${url}/v1/span_annotations`, { data: evals.spans });
  await post(`${url}/v1/trace_annotations`, { data: evals.traces });
  return traces;
}
