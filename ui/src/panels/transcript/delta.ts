// What a call's prompt adds to the one it continues, by the server's word on which messages are the same.
import type { Conversation, ConversationCall } from '../../api/insight_types';

export type Delta = {
  call: ConversationCall;
  isNew: (index: number) => boolean; // by index of the prompt's messages
};

export function deltaOf(conversation: Conversation | undefined, spanId: string): Delta | null {
  const call = conversation?.calls.find((candidate) => candidate.span_id === spanId);
  if (!call || call.new_messages.length < call.new_message_count) return null;
  const added = new Set(call.new_messages.map((message) => message.index));
  return { call, isNew: (index) => added.has(index) };
}

const breaks = {
  model: 'another model is asked',
  tools: 'the tools are defined differently',
  system: 'the instructions differ',
  message: 'an earlier message differs',
} as const;

export function cacheBreakOf({ cache_break: found }: ConversationCall): string | null {
  if (!found) return null;
  const where = found.message === null ? '' : ` (message ${found.message + 1})`;
  return `A prompt cache of the call before cannot be used: ${breaks[found.at]}${where}.`;
}
