import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useLayoutEffect, useRef, useState } from 'react';
import { conversationQuery } from '../../../api/insight_queries';
import { printJson } from '../../../api/json';
import type { Llm, Span } from '../../../api/types';
import { formatTokens, plural } from '../../../base/format';
import { chooseTextForm, textForms, useTextForm } from '../../../panels/transcript/ContentText';
import { cacheBreakOf, type Delta, deltaOf } from '../../../panels/transcript/delta';
import { joinMessages, messageText, type Turn } from '../../../panels/transcript/messages';
import { TurnBlock } from '../../../panels/transcript/TurnBlock';
import { Button } from '../../../widgets/Button';
import { Choice } from '../../../widgets/Choice';
import styles from './detail.module.css';
import { SpanLink } from './SpanLink';

const JsonViewer = lazy(() => import('./JsonViewer'));

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
            <JsonViewer
              text={printJson({ input_messages: llm.input_messages, output_messages: llm.output_messages })}
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
