import { type ReactNode, useContext, useState } from 'react';
import { printJson } from '../../api/json';
import type { Part } from '../../api/types';
import { formatBytes } from '../../base/format';
import { CopyButton } from '../../widgets/CopyButton';
import { Icon } from '../../widgets/Icon';
import { LongText } from '../../widgets/LongText';
import { Rests } from '../../widgets/rest';
import { ContentText, OwnForm, type TextForm, useTextForm } from './ContentText';
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
  const [form, setForm] = useState<MessageForm | null>(null);
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
        <FormButton form={form} number={turn.index + 1} onForm={setForm} />
        <CopyButton text={() => linkTo({ turn, at })} label="Copy a link to this message" icon="link" />
        <CopyButton
          text={() => wholeMessageText(turn.source, async (text) => restOf(text)?.whole() ?? text)}
          label="Copy this message"
        />
      </header>
      <InForm form={form} turn={turn}>
        {turn.blocks.length === 0 && <p className={styles.empty}>no content</p>}
        {turn.blocks.map((block, index) => (
          <BlockView key={index} block={block} />
        ))}
      </InForm>
    </article>
  );
}

// How this message alone is shown; null: as all are.
type MessageForm = TextForm | 'json';
const formNames: Record<MessageForm, string> = { markdown: 'Markdown', plain: 'Plain', json: 'JSON' };
const formAfter: Record<MessageForm, MessageForm> = { markdown: 'plain', plain: 'json', json: 'markdown' };

type FormButtonProps = { form: MessageForm | null; number: number; onForm: (form: MessageForm) => void };

function FormButton({ form, number, onForm }: FormButtonProps) {
  const ofAll = useTextForm();
  const now = form ?? ofAll;
  const next = formAfter[now];
  return (
    <button
      type="button"
      className={styles.form}
      aria-label={`${formNames[now]}: show message ${number} as ${formNames[next]}`}
      title={`Show this message as ${formNames[next]}`}
      onClick={() => onForm(next)}
    >
      {formNames[now]}
    </button>
  );
}

function InForm({ form, turn, children }: { form: MessageForm | null; turn: Turn; children: ReactNode }) {
  if (form === 'json') return <LongText text={printJson(turn.source)} mono language="json" />;
  return <OwnForm.Provider value={form}>{children}</OwnForm.Provider>;
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
  // As base64, behind what a data URL begins with.
  const encoded = inline
    ? (restOf(inline)?.bytes ?? inline.length) - (inline.startsWith('data:') ? inline.indexOf(',') + 1 : 0)
    : 0;
  const mime = part.mime_type ?? (inline ? /^data:([^;,]+)/.exec(inline)?.[1] : undefined);
  return (
    <span className={styles.blob}>
      <Icon name="image" size={14} />
      {mime ?? part.type}
      {inline ? ` ${formatBytes(Math.round(encoded * 0.75))}` : ` ${part.url ?? ''}`}
    </span>
  );
}
