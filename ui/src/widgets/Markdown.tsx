// Markdown from outside: parsed to tokens, tokens to elements. No HTML, no images, and only links that say where they go.
import MarkdownIt, { type Token } from 'markdown-it';
import { createElement, Fragment, type ReactNode } from 'react';
import styles from './Markdown.module.css';

const parser = new MarkdownIt('default', { html: false, linkify: false, typographer: false }).disable(['image']);

const elements = new Set('p strong em s ul ol li blockquote table thead tbody tr th td'.split(' '));

type Open = { token: Token | null; children: ReactNode[] };

const isSafe = (href: string | number | null): href is string => typeof href === 'string' && /^https?:\/\//i.test(href);

function elementOf({ token, children }: Open, key: number): ReactNode {
  const tag = token?.tag ?? '';
  if (!token || token.hidden) return <Fragment key={key}>{children}</Fragment>;
  if (/^h[1-6]$/.test(tag)) {
    return (
      <p key={key} className={styles.heading}>
        {children}
      </p>
    );
  }
  if (tag === 'a') {
    const href = token.attrGet('href');
    if (!isSafe(href)) return <Fragment key={key}>{children}</Fragment>;
    return (
      <a key={key} href={href} target="_blank" rel="noreferrer" title={href}>
        {children}
      </a>
    );
  }
  if (tag === 'table') {
    return (
      <div key={key} className={styles.scroll}>
        <table>{children}</table>
      </div>
    );
  }
  const start = tag === 'ol' ? Number(token.attrGet('start') ?? 1) : undefined;
  return elements.has(tag) ? (
    createElement(tag, { key, start }, ...children)
  ) : (
    <Fragment key={key}>{children}</Fragment>
  );
}

function leafOf(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'inline':
      return <Fragment key={key}>{nodesOf(token.children ?? [])}</Fragment>;
    case 'code_inline':
      return <code key={key}>{token.content}</code>;
    case 'fence':
    case 'code_block':
      return (
        <pre key={key} className={styles.code}>
          {token.content}
        </pre>
      );
    case 'softbreak':
      return '\n';
    case 'hardbreak':
      return <br key={key} />;
    case 'hr':
      return <hr key={key} />;
    default:
      return token.content;
  }
}

// The parser bounds how deep tokens nest; its own stack of open elements is kept here.
function nodesOf(tokens: readonly Token[]): ReactNode[] {
  const stack: Open[] = [{ token: null, children: [] }];
  for (const [key, token] of tokens.entries()) {
    if (token.nesting === 1) {
      stack.push({ token, children: [] });
      continue;
    }
    const done = token.nesting === -1 && stack.length > 1 ? stack.pop() : undefined;
    stack.at(-1)?.children.push(done ? elementOf(done, key) : leafOf(token, key));
  }
  return stack[0]?.children ?? [];
}

// Below this level the parser drops what it finds: such a text is shown as it is.
const levelsMax = 90;

export default function Markdown({ text }: { text: string }) {
  const tokens = parser.parse(text, {});
  const deep = tokens.some((token) => token.level > levelsMax);
  return (
    <div dir="auto" className={styles.markdown}>
      {deep ? text : nodesOf(tokens)}
    </div>
  );
}
