// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import Markdown from './Markdown';

afterEach(cleanup);

const html = (text: string): string => {
  const { container } = render(<Markdown text={text} />);
  return (container.firstElementChild?.innerHTML ?? '').replaceAll(/ class="[^"]*"/g, '');
};

it('shows emphasis, lists and code', () => {
  expect(html('Keys **overlap** for `24 h`:\n\n3. rotate\n4. *deploy*')).toBe(
    '<p>Keys <strong>overlap</strong> for <code>24 h</code>:</p><ol start="3"><li>rotate</li><li><em>deploy</em></li></ol>',
  );
});

it('makes links only of addresses of the web, and fetches nothing', () => {
  expect(html('[a](https://example.com/x) [b](javascript:alert(1)) [c](/etc)')).toBe(
    '<p><a href="https://example.com/x" target="_blank" rel="noreferrer" title="https://example.com/x">a</a> [b](javascript:alert(1)) c</p>',
  );
  expect(html('![x](http://evil.invalid/x.png)')).not.toContain('<img');
  expect(html('<img src=x onerror=alert(1)>')).toBe('<p>&lt;img src=x onerror=alert(1)&gt;</p>');
});

it('shows tables', () => {
  expect(html('|a|b|\n|-|-|\n|1|2|')).toBe(
    '<div><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>',
  );
});

it('loses nothing that is nested deep', () => {
  const deep = `${'> '.repeat(20_000)}x`;
  expect(html(deep)).toBe(deep.replaceAll('>', '&gt;'));
});
