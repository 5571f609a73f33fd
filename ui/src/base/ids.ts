// Recognises a trace in whatever a person pastes: a bare id, a traceparent header, or any text or link that holds one.

export type PastedTrace = { traceId: string; spanId: string | null };

const traceparent = /(?:^|[^0-9a-f])[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?![0-9a-f])/;
const uuid = /(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f-])/;
const bareTrace = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/;
const spanInLink = /[?&]span=([0-9a-f]{16})(?![0-9a-f])/;

// An id of zeros only is invalid in W3C Trace Context (section 3.2.2.3).
const zeros = /^0+$/;

export function parsePastedTrace(text: string): PastedTrace | null {
  const lower = text.toLowerCase();
  const header = traceparent.exec(lower);
  if (header?.[1] && header[2]) {
    return zeros.test(header[1]) ? null : { traceId: header[1], spanId: zeros.test(header[2]) ? null : header[2] };
  }
  const traceId = bareTrace.exec(lower)?.[0] ?? uuid.exec(lower)?.[0].replaceAll('-', '');
  if (!traceId || zeros.test(traceId)) return null;
  return { traceId, spanId: spanInLink.exec(lower)?.[1] ?? null };
}

export const isTraceId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);
export const isSpanId = (text: string): boolean => /^[0-9a-f]{16}$/.test(text);
