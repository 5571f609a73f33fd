// A read-only CodeMirror for JSON and for text too long for a plain element. Loaded only when it is first shown.
import { json } from '@codemirror/lang-json';
import { codeFolding, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useCallback } from 'react';
import { type PlaceStep, stepsTo } from './json_place';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--page)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { font: 'var(--code)', overscrollBehavior: 'contain' },
  '.cm-gutters': { backgroundColor: 'var(--page)', color: 'var(--text-3)', border: 'none' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--hover)', border: '1px solid var(--line)', color: 'var(--text-2)' },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--text)' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-textfield': { color: 'var(--text)', backgroundColor: 'var(--page)', border: '1px solid var(--line-strong)' },
  '.cm-button': { color: 'var(--text)', backgroundImage: 'none', backgroundColor: 'var(--raised)' },
  '.cm-panel.cm-search': { font: 'var(--dense)' },
  '.cm-panel.cm-search :is(input, button, label)': { font: 'var(--dense)', minHeight: '24px' },
  '.cm-panel.cm-search [name=close]': { minWidth: '24px', minHeight: '24px', color: 'var(--text)' },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 35%, transparent)' },
  '.cm-selectionBackground': { backgroundColor: 'var(--selection) !important' },
});

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
]);

// Where the caret stands. `steps`: null while that is not known; `show` goes to one of them.
export type Place = { steps: PlaceStep[] | null; show: (step: PlaceStep) => void };

type TextViewerProps = { text: string; language: 'json' | 'text'; onPlace?: (place: Place) => void };

export default function TextViewer({ text, language, onPlace }: TextViewerProps) {
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
            EditorView.updateListener.of(({ state, view: shown, selectionSet }) => {
              if (!onPlace || !selectionSet) return;
              const show = ({ from }: PlaceStep) => {
                shown.dispatch({ selection: { anchor: from }, scrollIntoView: true });
                shown.focus();
              };
              onPlace({ steps: stepsTo(state, state.selection.main.head), show });
            }),
          ],
        }),
      });
      return () => view.destroy();
    },
    [text, language, onPlace],
  );
  return <div ref={mount} style={{ height: '100%' }} />;
}
