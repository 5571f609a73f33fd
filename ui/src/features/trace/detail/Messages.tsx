import { lazy, Suspense, useRef, useState } from 'react';
import { printJson } from '../../../api/json';
import type { Llm, Part } from '../../../api/types';
import { formatBytes, plural } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import { CopyButton } from '../../../widgets/CopyButton';
import { Icon } from '../../../widgets/Icon';
import { LongText } from '../../../widgets/LongText';
import { type Block, joinMessages, messageText, type ToolCall, type Turn } from '../model/messages';
import styles from './detail.module.css';
import { ValueText } from './ValueText';

const TextViewer = lazy(() => import('../../../widgets/TextViewer'));

// A long history starts folded: what the model saw last matters first.
const shownTurns = 8;

export function Messages({ llm }: { llm: Llm }) {
  const [asJson, setAsJson] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const output = useRef<HTMLHeadingElement>(null);
  const input = llm.input_messages;
  const turns = joinMessages([...input, ...llm.output_messages]);
  const given = turns.filter((turn) => turn.index < input.length);
  const produced = turns.filter((turn) => turn.index >= input.length);
  const system = given.filter((turn) => turn.role === 'system' || turn.role === 'developer');
  const history = given.filter((turn) => !system.includes(turn));
  const hidden = unfolded ? 0 : Math.max(0, history.length - shownTurns);
  return (
    <>
      <div className={styles.toolbar}>
        {!asJson && produced.length > 0 && given.length > 1 && (
          <Button onClick={() => output.current?.scrollIntoView()}>Jump to the output</Button>
        )}
        <Button aria-pressed={asJson} onClick={() => setAsJson(!asJson)}>
          {asJson ? 'Show as chat' : 'Show as JSON'}
        </Button>
      </div>
      {asJson ? (
        <div className={styles.viewer}>
          <Suspense fallback={null}>
            <TextViewer
              text={printJson({ input_messages: input, output_messages: llm.output_messages })}
              language="json"
            />
          </Suspense>
        </div>
      ) : (
        <div className={styles.chat}>
          {system.map((turn) => (
            <TurnBlock key={turn.index} turn={turn} />
          ))}
          {hidden > 0 && <Button onClick={() => setUnfolded(true)}>Show {plural(hidden, 'earlier message')}</Button>}
          {history.slice(hidden).map((turn) => (
            <TurnBlock key={turn.index} turn={turn} />
          ))}
          {produced.length > 0 && (
            <h3 ref={output} className={styles.divider}>
              Output
            </h3>
          )}
          {produced.map((turn) => (
            <TurnBlock
              key={turn.index}
              turn={turn}
              finish={turn.source.finish_reason ?? llm.finish_reasons.join(', ')}
            />
          ))}
        </div>
      )}
    </>
  );
}

const roleClass: Record<string, string | undefined> = {
  user: styles.user,
  assistant: styles.assistant,
  model: styles.assistant,
  ai: styles.assistant,
  tool: styles.tool,
  function: styles.tool,
};

function TurnBlock({ turn, finish }: { turn: Turn; finish?: string }) {
  return (
    <article className={`${styles.turn} ${roleClass[turn.role] ?? ''}`}>
      <header className={styles.turnHead}>
        <span className={styles.role}>{turn.role}</span>
        {turn.name && <span className={styles.turnName}>{turn.name}</span>}
        {finish && <span className={styles.finish}>{finish}</span>}
        <CopyButton text={() => messageText(turn.source)} label="Copy this message" />
      </header>
      {turn.blocks.length === 0 && <p className={styles.empty}>no content</p>}
      {turn.blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </article>
  );
}

function BlockView({ block }: { block: Block }) {
  if (block.type === 'call') return <ToolCallView call={block.call} />;
  const { part } = block;
  if (part.type === 'text') return <ValueText value={part.text} />;
  if (part.type === 'reasoning') {
    return (
      <details className={styles.reasoning}>
        <summary>Reasoning, {formatBytes(part.text.length)}</summary>
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
  const inline = part.blob ?? (part.url?.startsWith('data:') ? part.url : null);
  const mime = part.mime_type ?? (inline ? /^data:([^;,]+)/.exec(inline)?.[1] : undefined);
  return (
    <span className={styles.blob}>
      <Icon name="image" size={14} />
      {mime ?? part.type}
      {inline ? ` ${formatBytes(Math.round(inline.length * 0.75))}` : ` ${part.url ?? ''}`}
    </span>
  );
}
