// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { marked, wordsPattern } from './marked';

afterEach(cleanup);

function marksIn(text: string, query: string): string[] {
  const { container } = render(<p>{marked(text, wordsPattern(query))}</p>);
  expect(container.textContent).toBe(text);
  return [...container.querySelectorAll('mark')].map((mark) => mark.textContent);
}

it('marks words that begin like those of the question', () => {
  expect(marksIn('Keys rotate; a keyring does not. Monkey.', 'How do I rotate my API key?')).toEqual([
    'Keys',
    'rotate',
    'keyring',
  ]);
});

it('takes signs for signs', () => {
  expect(marksIn('a.*b <img> (x', '.* <img (')).toEqual(['img']);
  expect(wordsPattern('?')).toBeNull();
  expect(wordsPattern(null)).toBeNull();
});
