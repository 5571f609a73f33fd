import { describe, expect, it } from 'vitest';
import { parsePastedTrace } from './ids';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

describe('parsePastedTrace', () => {
  it.each([
    ['a bare id', trace, trace, null],
    ['white space around it', `  ${trace}\n`, trace, null],
    ['upper case', trace.toUpperCase(), trace, null],
    ['the traceparent of W3C Trace Context, section 3.2.3', `00-${trace}-${span}-01`, trace, span],
    ['a whole header line', `traceparent: 00-${trace}-${span}-00`, trace, span],
    ['a link to this program', `http://host:6006/p/default/traces/${trace}?tab=json&span=${span}`, trace, span],
    ['a sentence', `the bot gave me garbage on request ${trace}, please look`, trace, null],
    ['a log line in JSON', `{"trace_id":"${trace}","level":"error"}`, trace, null],
    ['a UUID', '4bf92f35-77b3-4da6-a3ce-929d0e0e4736', trace, null],
  ])('reads %s', (_what, text, traceId, spanId) => {
    expect(parsePastedTrace(text)).toEqual({ traceId, spanId });
  });

  it.each([
    ['nothing', ''],
    ['words', 'checkout is slow'],
    ['31 digits', trace.slice(1)],
    ['33 digits', `${trace}0`],
    ['a SHA-256', `${trace}${trace}`],
    ['only zeros', '0'.repeat(32)],
    ['a traceparent of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span id', span],
  ])('finds none in %s', (_what, text) => {
    expect(parsePastedTrace(text)).toBeNull();
  });
});
