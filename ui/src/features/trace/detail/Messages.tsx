import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useLayoutEffect, useRef, useState } from 'react';
import { conversationQuery } from '../../../api/insight_queries';
import { printJson } from '../../../api/json';
import type { Llm, Part, Span } from '../../../api/types';
import { formatBytes, formatTokens, plural } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import { Choice } from '../../../widgets/Choice';
import { CopyButton } from '../../../widgets/CopyButton';
import { Icon } from '../../../widgets/Icon';
import { LongText } from '../../../widgets/LongText';
import { cacheBreakOf, type Delta, deltaOf } from '../model/delta';
import { type Block, joinMessages, messageText, type ToolCall, type Turn } from '../model/messages';
import { ContentText, chooseTextForm, textForms, useTextForm } from './ContentText';
import styles from './detail.module.css';
import { SpanLink } from './SpanLink';
import { ValueText } from './ValueText';

const TextViewer = lazy(() => import('../../../widgets/TextViewer'));

// What the server cannot tell apart is folded by number: what the model saw last matters first.
const shownTurns = 8;

// "#m12" in the address is the twelfth message of the call.
const messageInAddress = (): number => Number(/^#m(\d+)$/.exec(location.hash)?.[1] ?? 0) - 1;

export function Messages({ span, llm }: { span: Span; llm: Llm }) {
  const [asJson, setAsJson] = useState(false);
  const form = useTextForm();
  const conversation = useQuery(conversationQuery(span.project, { session: span.session_id, trace: span.trace_id }));
  return (
    <>
      <div className={styles.toolbar}>
        <Choice
          label="How messages are shown"
          options={[...textForms, ['json', 'JSON']]}
          current={asJson ? 'json' : form}
          onChoose={(chosen) => {
            setAsJson(chosen === 'json');
            if (chosen !== 'json') chooseTextForm(chosen);
          }}
        />
      </div>
      {asJson ? (
        <div className={styles.viewer}>
          <Suspense fallback={null}>
            <TextViewer
              text={printJson({ input_messages: llm.input_messages, output_messages: llm.output_messages })}
              language="json"
            />
          </Suspense>
        </div>
      ) : (
        !conversation.isPending && <Chat llm={llm} delta={deltaOf(conversation.data, span.span_id)} />
      )}
    </>
  );
}

const isInstruction = ({ role }: Turn): boolean => role === 'system' || role === 'developer';

function Chat({ llm, delta }: { llm: Llm; delta: Delta | null }) {
  const [asked] = useState(messageInAddress);
  const [unfolded, setUnfolded] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const inputs = llm.input_messages.length;
  const turns = joinMessages([...llm.input_messages, ...llm.output_messages]);
  const given = turns.filter((turn) => turn.index < inputs);
  const produced = turns.filter((turn) => turn.index >= inputs);
  const system = given.filter(isInstruction);
  const talk = given.filter((turn) => !isInstruction(turn));
  const known = delta?.call.previous ? talk.filter((turn) => !hasNews(turn, delta)) : talk.slice(0, -shownTurns);
  const folded = unfolded || known.some((turn) => turn.index === asked) ? [] : known;
  useLayoutEffect(() => {
    if (asked >= 0) host.current?.querySelector(`#m${asked + 1}`)?.scrollIntoView({ block: 'start' });
  }, [asked]);
  const show = (turn: Turn) => <TurnBlock key={turn.index} turn={turn} asked={turn.index === asked} />;
  return (
    <div ref={host} className={styles.chat}>
      <PrefixNote delta={delta} />
      {system.map((turn) =>
        delta?.call.previous && !delta.isNew(turn.index) && turn.index !== asked ? (
          <details key={turn.index} className={styles.same}>
            <summary>
              {turn.role}, {plural(messageText(turn.source).length, 'character')}, unchanged
            </summary>
            {show(turn)}
          </details>
        ) : (
          show(turn)
        ),
      )}
      {folded.length > 0 && (
        <div className={styles.folded}>
          <Button onClick={() => setUnfolded(true)}>Show {plural(folded.length, 'earlier message')}</Button>
          {delta?.call.previous && (
            <span>
              as in <SpanLink to={delta.call.previous}>the call before</SpanLink>
            </span>
          )}
        </div>
      )}
      {talk.filter((turn) => !folded.includes(turn)).map(show)}
      {produced.length > 0 && <h3 className={styles.divider}>Output</h3>}
      {produced.map((turn) => (
        <TurnBlock
          key={turn.index}
          turn={turn}
          asked={turn.index === asked}
          finish={turn.source.finish_reason ?? llm.finish_reasons.join(', ')}
        />
      ))}
    </div>
  );
}

// A turn with a tool call holds the result's message too.
const hasNews = (turn: Turn, delta: Delta): boolean =>
  delta.isNew(turn.index) || turn.joined.some((index) => delta.isNew(index));

// How much of the prompt the call before had already sent, and whether a cache can hold it.
function PrefixNote({ delta }: { delta: Delta | null }) {
  if (!delta) return null;
  const { shared_prefix: shared, tokens } = delta.call;
  const broken = cacheBreakOf(delta.call);
  if (!shared && !broken) return null;
  const cached = tokens.cache_read === null ? '' : `, ${formatTokens(tokens.cache_read)} read from the cache`;
  return (
    <div className={styles.prefix}>
      {shared && (
        <p>
          {shared.estimated_tokens === null
            ? plural(shared.characters, 'character')
            : `About ${formatTokens(shared.estimated_tokens)} of ${formatTokens(tokens.prompt)} tokens`}{' '}
          were sent before{cached}.
        </p>
      )}
      {broken && <p className={styles.warning}>{broken}</p>}
    </div>
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
  if (part.type === 'text') return <ContentText text={part.text} />;
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
