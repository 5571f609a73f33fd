// A trace of any number of spans: an agent's run with turns of a hundred steps, each with a name of its own; every 997th
// span failed.
import { freshId, nowNs, postSpans } from './otlp.mjs';

const perRequest = 10_000;
const fanOut = 100;
const kinds = ['LLM', 'TOOL', 'CHAIN', 'RETRIEVER', 'EMBEDDING'];
const stepNs = 10_000_000n;

function spanAt(i, count, { traceId, idOf, start }) {
  const isTurn = i > 0 && i % fanOut === 0;
  const startNs = start + BigInt(i) * stepNs;
  const steps = i === 0 ? count : isTurn ? fanOut : 1;
  return {
    traceId,
    spanId: idOf(i),
    parentId: i === 0 ? undefined : idOf(isTurn ? 0 : i - (i % fanOut)),
    name: i === 0 ? 'long run' : `step ${i}`,
    startNs,
    endNs: startNs + BigInt(steps) * stepNs,
    attributes: { 'openinference.span.kind': steps > 1 ? 'AGENT' : kinds[i % kinds.length], 'step.number': BigInt(i) },
    ...(i % 997 === 996 ? { status: { code: 2, message: 'failed' } } : {}),
  };
}

// `change` may add to the span of a number.
export async function sendLongTrace(url, count, change = (span) => span) {
  const traceId = freshId(32);
  const prefix = freshId(10);
  const of = {
    traceId,
    idOf: (i) => `${prefix}${i.toString(16).padStart(6, '0')}`,
    start: nowNs() - BigInt(count) * stepNs - 60_000_000_000n,
  };
  for (let from = 0; from < count; from += perRequest) {
    const length = Math.min(perRequest, count - from);
    const spans = Array.from({ length }, (_, i) => change(spanAt(from + i, count, of), from + i));
    await postSpans(url, spans, { 'service.name': 'long-job' });
  }
  return of;
}
