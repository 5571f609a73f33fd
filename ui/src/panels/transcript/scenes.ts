// A trace as the talk it was: each call with what it added and what came back, and what failed between calls.
import type { Conversation } from '../../api/insight_types';
import type { Message, Span } from '../../api/types';
import { deltaOf } from './delta';
import { joinMessages, type Turn } from './messages';

export type Scene = {
  span: Span;
  said: Turn[]; // of the prompt, what no call before had and no call returned
  answered: Turn[];
  unchanged: number; // messages of the prompt that stood in the call before
};

// Some record the answer alone.
const talks = ({ kind, repeats, llm }: Span): boolean =>
  kind === 'LLM' && repeats === null && llm !== null && llm.input_messages.length + llm.output_messages.length > 0;
const failed = (span: Span): boolean => span.status.code === 'ERROR' && span.exception !== null;

export function scenesOf(spans: readonly Span[], conversation: Conversation | undefined): Scene[] {
  return spans
    .filter((span) => talks(span) || failed(span))
    .toSorted((a, b) => (BigInt(a.start_unix_ns) < BigInt(b.start_unix_ns) ? -1 : 1))
    .map((span) => sceneOf(span, conversation));
}

export function sceneOf(span: Span, conversation: Conversation | undefined): Scene {
  const input = span.llm?.input_messages ?? [];
  const output = span.llm?.output_messages ?? [];
  const delta = deltaOf(conversation, span.span_id);
  const returned = new Set(delta?.call.new_messages.flatMap((message) => (message.was_output ? [message.index] : [])));
  const turns = joinMessages([...input, ...output]);
  const isNew = (turn: Turn) =>
    !delta || (delta.isNew(turn.index) && !returned.has(turn.index)) || turn.joined.some((index) => delta.isNew(index));
  const asked = turns.filter((turn) => turn.index < input.length);
  const said = asked.filter(isNew);
  return {
    span,
    said,
    answered: turns.filter((turn) => turn.index >= input.length),
    unchanged: delta?.call.previous ? input.length - countIn(said, input) : 0,
  };
}

const countIn = (turns: readonly Turn[], messages: readonly Message[]): number =>
  turns.filter((turn) => messages.includes(turn.source)).length + turns.flatMap((turn) => turn.joined).length;
