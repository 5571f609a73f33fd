import { sendDemo } from '../gallery/demo_spans.mjs';

let sent = null;

// The gallery's traces, sent once a run.
export function demoTraces(url) {
  sent ??= sendDemo(url);
  return sent;
}
