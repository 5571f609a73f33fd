// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { CopyButton } from './CopyButton';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

// Plain http on another host has no navigator.clipboard; the older command may still be refused.
function withClipboard(clipboard: unknown, commandWorks: boolean): void {
  vi.stubGlobal('navigator', { clipboard });
  document.execCommand = () => commandWorks;
}

it('ticks when the clipboard took the text', async () => {
  const writeText = vi.fn(() => Promise.resolve());
  withClipboard({ writeText }, false);
  render(<CopyButton text="abc" label="Copy the id" />);
  fireEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('copied'));
  expect(writeText).toHaveBeenCalledWith('abc');
});

it('falls back to the selection', async () => {
  withClipboard(undefined, true);
  render(<CopyButton text="abc" label="Copy the id" />);
  fireEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('copied'));
});

it('does not tick when the browser refuses', async () => {
  withClipboard({ writeText: () => Promise.reject(new Error('denied')) }, false);
  render(<CopyButton text="abc" label="Copy the id" />);
  fireEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('the browser refused to copy'));
  expect(screen.queryByText('copied')).toBeNull();
});
