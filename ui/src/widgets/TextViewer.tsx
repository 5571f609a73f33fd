// A read-only CodeMirror for JSON and for text too long for a plain element. Loaded only when it is first shown.
import { json } from '@codemirror/lang-json';
import { codeFolding, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useCallback } from 'react';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--page)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'var(--code)', overscrollBehavior: 'contain' },
  '.cm-gutters': { backgroundColor: 'var(--page)', color: 'var(--text-3)', border: 'none' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--hover)', border: '1px solid var(--line)', color: 'var(--text-2)' },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--text)' },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 35%, transparent)' },
  '.cm-selectionBackground': { backgroundColor: 'var(--selection) !important' },
});

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
]);

export default function TextViewer({ text, language }: { text: string; language: 'json' | 'text' }) {
  const mount = useCallback(
    (host: HTMLDivElement) => {
      const view = new EditorView({
        parent: host,
        state: EditorState.create({
          doc: text,
          extensions: [
            EditorView.cspNonce.of(nonce),
            EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': language === 'json' ? 'JSON' : 'Text' }),
            EditorState.readOnly.of(true),
            EditorView.lineWrapping,
            lineNumbers(),
            drawSelection(),
            highlightSpecialChars(),
            highlightSelectionMatches(),
            search({ top: true }),
            keymap.of([...searchKeymap, ...foldKeymap]),
            theme,
            syntaxHighlighting(highlight),
            language === 'json' ? [json(), codeFolding(), foldGutter()] : [],
          ],
        }),
      });
      return () => view.destroy();
    },
    [text, language],
  );
  return <div ref={mount} style={{ height: '100%' }} />;
}
