// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { buildSpanTree } from '../model/span_tree';
import { escaped, htmlBegin, htmlEnd, spanHtml } from './trace_html';

it('escapes what means something in HTML', () => {
  expect(escaped(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;');
});

const evil = '</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>"\'><svg onload=alert(1)>';

it('holds hostile text as text, and no script', () => {
  const span = makeSpan({ id: 'abcdef0123456789', start: 0, duration: 5, name: evil, failed: true });
  const whole = {
    ...span,
    attributes: { [evil]: evil },
    resource: { [evil]: [evil] },
    input: { value: evil, mime_type: evil },
    status: { code: 'ERROR' as const, message: evil },
    events: [{ name: evil, time_unix_ns: '0', attributes: { [evil]: evil } }],
    retrieval: { query: evil, documents: [{ id: evil, score: 1, content: evil, metadata: evil }] },
  };
  const tree = buildSpanTree([whole]);
  const html = htmlBegin(evil, evil, tree, 'n0nce') + spanHtml(tree, whole, 0) + htmlEnd;
  const page = new DOMParser().parseFromString(html, 'text/html');
  expect(page.querySelectorAll('script, img, iframe, object, link, [onerror], [onload], [style]')).toHaveLength(0);
  expect(page.title).toBe(evil);
  expect(page.querySelector('th')?.textContent).toBe(evil);
  expect(page.querySelector('meta[http-equiv]')?.getAttribute('content')).toBe(
    "default-src 'none'; style-src 'nonce-n0nce'; base-uri 'none'; form-action 'none'",
  );
});
