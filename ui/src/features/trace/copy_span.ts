// What of a span goes to the clipboard; each says that it did.
import { pathOf } from '../../api/client';
import { printJson } from '../../api/json';
import type { Span } from '../../api/types';
import { copyText } from '../../base/clipboard';
import { announce } from '../../widgets/Announcer';

async function copy(text: string, what: string): Promise<void> {
  announce((await copyText(text)) ? `Copied ${what}` : 'The browser refused to copy');
}

export function copySpanLink(spanId: string): Promise<void> {
  const here = new URL(location.href);
  here.searchParams.set('span', spanId);
  here.hash = '';
  return copy(here.href, `a link to span ${spanId}`);
}

export const copySpanId = (spanId: string): Promise<void> => copy(spanId, `span id ${spanId}`);

export const copySpanJson = (span: Span): Promise<void> => copy(printJson(span), 'the span as JSON');

export const copySpanCurl = ({ project, trace_id: trace, span_id: span }: Span): Promise<void> =>
  copy(`curl -s '${location.origin}${pathOf(project)}/traces/${trace}/spans/${span}'`, 'a curl command for the span');
