// The spans of a trace of any size, one by one, while they are received: none of it lies whole in memory.
import { ApiError, pathOf } from './client';
import { parseJson } from './json';
import type { Span } from './types';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

// Cuts the spans out of {"trace":{…},"spans":[{…},{…}]} that comes in pieces: of the objects inside the outermost one all
// but the first.
export class SpanSplitter {
  #text = '';
  #at = 0; // looked at so far
  #begin = -1; // of an inner object that has begun
  #depth = 0;
  #inText = false;
  #trace = true; // is still to come
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  // The spans that the piece completes.
  take(piece: string): string[] {
    const found: string[] = [];
    this.#text += piece;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (this.#inText) {
        if (code === backslash) this.#at += 1;
        else if (code === quote) this.#inText = false;
      } else if (code === quote) this.#inText = true;
      else if (code === openBrace) {
        if (this.#depth === 1) this.#begin = this.#at;
        this.#depth += 1;
      } else if (code === closeBrace) {
        this.#depth -= 1;
        this.#ended = this.#depth === 0;
        if (this.#depth !== 1) continue;
        if (!this.#trace) found.push(this.#text.slice(this.#begin, this.#at + 1));
        this.#trace = false;
        this.#begin = -1;
      }
    }
    const keep = this.#begin >= 0 ? this.#begin : this.#text.length;
    this.#text = this.#text.slice(keep);
    this.#at -= keep;
    if (this.#begin >= 0) this.#begin = 0;
    return found;
  }
}

export async function* streamSpans(project: string, traceId: string, signal: AbortSignal): AsyncGenerator<Span[]> {
  const response = await fetch(`${pathOf(project)}/traces/${traceId}`, { signal });
  if (!response.ok || !response.body)
    throw new ApiError(response.status, 'error', `the server answered ${response.status}`);
  const splitter = new SpanSplitter();
  const utf8 = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const spans = splitter.take(utf8.decode(value, { stream: true }));
    if (spans.length > 0) yield spans.map((text) => parseJson(text) as unknown as Span);
  }
  if (!splitter.ended) throw new ApiError(0, 'cut', 'the answer ended before the trace did');
}
