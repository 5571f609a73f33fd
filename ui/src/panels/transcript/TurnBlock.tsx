import { useContext } from 'react';
import type { Part } from '../../api/types';
import { formatBytes } from '../../base/format';
import { CopyButton } from '../../widgets/CopyButton';
import { Icon } from '../../widgets/Icon';
import { LongText } from '../../widgets/LongText';
import { Rests } from '../../widgets/rest';
import { ContentText } from './ContentText';
import { type Block, type ToolCall, type Turn, wholeMessageText } from './messages';
import styles from './turn.module.css';
import { ValueText } from './ValueText';

const roleClass: Record<string, string | undefined> = {
  user: styles.user,
  assistant: styles.assistant,
  model: styles.assistant,
  ai: styles.assistant,
  tool: styles.tool,
  function: styles.tool,
};

function linkTo({ turn, at }: { turn: Turn; at: string | undefined }): string {
  const here = new URL(location.href);
  if (at !== undefined) here.searchParams.set('span', at);
  here.hash = `m${turn.index + 1}`;
  return here.href;
}

type TurnBlockProps = {
  turn: Turn;
  at?: string; // its span, where the page is not that span's
  finish?: string;
  asked?: boolean;
};

export function TurnBlock({ turn, at, finish, asked = false }: TurnBlockProps) {
  const restOf = useContext(Rests);
  return (
    <article
      id={at === undefined ? `m${turn.index + 1}` : undefined}
      className={`${styles.turn} ${roleClass[turn.role] ?? ''} ${asked ? styles.asked : ''}`}
    >
      <header className={styles.turnHead}>
        <span className={styles.role}>{turn.role}</span>
        {turn.name && <span className={styles.turnName}>{turn.name}</span>}
        {finish && <span className={styles.finish}>{finish}</span>}
        <span className={styles.number}>#{turn.index + 1}</span>
        <CopyButton text={() => linkTo({ turn, at })} label="Copy a link to this message" icon="link" />
        <CopyButton
          text={() => wholeMessageText(turn.source, async (text) => restOf(text)?.whole() ?? text)}
          label="Copy this message"
        />
      </header>
      {turn.blocks.length === 0 && <p className={styles.empty}>no content</p>}
      {turn.blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </article>
  );
}

function BlockView({ block }: { block: Block }) {
  const restOf = useContext(Rests);
  if (block.type === 'call') return <ToolCallView call={block.call} />;
  const { part } = block;
  if (part.type === 'text') return <ContentText text={part.text} />;
  if (part.type === 'reasoning') {
    return (
      <details className={styles.reasoning}>
        <summary>Reasoning, {formatBytes(restOf(part.text)?.bytes ?? part.text.length)}</summary>
        <LongText text={part.text} />
      </details>
    );
  }
  if (part.type === 'tool_result') return <ValueText value={part.result} mono fold="tight" />;
  return <BlobChip part={part} />;
}

function ToolCallView({ call }: { call: ToolCall }) {
  return (
    <section className={styles.call}>
      <header className={styles.callHead}>
        <span className={styles.callName}>{call.name ?? '(unnamed tool)'}</span>
        {call.id && <code className={styles.callId}>{call.id}</code>}
      </header>
      <ValueText value={call.arguments} mono />
      {call.result !== undefined && (
        <div className={styles.callResult}>
          <span className={styles.callLabel}>result</span>
          <ValueText value={call.result} mono fold="tight" />
        </div>
      )}
    </section>
  );
}

// What an image is and how big, never fetched: its address comes from outside.
function BlobChip({ part }: { part: Extract<Part, { type: 'image' | 'audio' | 'file' }> }) {
  const restOf = useContext(Rests);
  const inline = part.blob ?? (part.url?.startsWith('data:') ? part.url : null);
  const mime = part.mime_type ?? (inline ? /^data:([^;,]+)/.exec(inline)?.[1] : undefined);
  return (
    <span className={styles.blob}>
      <Icon name="image" size={14} />
      {mime ?? part.type}
      {inline ? ` ${formatBytes(Math.round((restOf(inline)?.bytes ?? inline.length) * 0.75))}` : ` ${part.url ?? ''}`}
    </span>
  );
}
