// A chat as people read it: each tool call together with the result that answers it.
import { printJson } from '../../api/json';
import type { Json, Message, Part } from '../../api/types';

export type ToolCall = { id: string | null; name: string | null; arguments: Json; result: Json | undefined }; // no result here; one may be null
export type Block = { type: 'part'; part: Exclude<Part, { type: 'tool_call' }> } | { type: 'call'; call: ToolCall };
export type Turn = {
  role: string;
  name: string | null;
  blocks: Block[];
  source: Message;
  index: number;
  joined: number[]; // messages whose results stand with this one's calls
};

type Result = { value: Json; index: number };

function resultsById(messages: readonly Message[]): Map<string, Result> {
  const results = new Map<string, Result>();
  for (const [index, message] of messages.entries()) {
    for (const part of message.content) {
      const id = resultId(message, part);
      if (id === null || results.has(id)) continue;
      if (part.type === 'tool_result') results.set(id, { value: part.result, index });
      else if (part.type === 'text') results.set(id, { value: part.text, index });
    }
  }
  return results;
}

// A result is a part of its own, or the text of a message that answers a call.
function resultId(message: Message, part: Part): string | null {
  if (part.type === 'tool_result') return part.id ?? message.tool_call_id ?? null;
  return part.type === 'text' ? (message.tool_call_id ?? null) : null;
}

export function joinMessages(messages: readonly Message[]): Turn[] {
  const results = resultsById(messages);
  const called = new Set<string>();
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks: Block[] = [];
    const joined: number[] = [];
    for (const part of message.content) {
      if (part.type === 'tool_call') {
        const result = part.id === null ? undefined : results.get(part.id);
        if (part.id !== null) called.add(part.id);
        if (result) joined.push(result.index);
        blocks.push({
          type: 'call',
          call: { id: part.id, name: part.name, arguments: part.arguments, result: result?.value },
        });
        continue;
      }
      const answers = resultId(message, part);
      if (answers === null || !called.has(answers)) blocks.push({ type: 'part', part });
    }
    if (blocks.length > 0 || message.content.length === 0) {
      turns.push({
        role: message.role ?? 'message',
        name: message.name ?? null,
        blocks,
        source: message,
        index,
        joined,
      });
    }
  }
  return turns;
}

const textOf = (part: Part): string => {
  if (part.type === 'text' || part.type === 'reasoning') return part.text;
  if (part.type === 'tool_call') return `${part.name ?? ''}(${asText(part.arguments)})`;
  return part.type === 'tool_result' ? asText(part.result) : `[${part.type}]`;
};

export const messageText = (message: Message): string => message.content.map(textOf).join('\n');

// The text of a message, for copying; `whole` has the rest of one that is cut.
export async function wholeMessageText(message: Message, whole: (text: string) => Promise<string>): Promise<string> {
  const wholeOf = async (part: Part): Promise<string> => {
    if (part.type === 'tool_call' && typeof part.arguments === 'string')
      return `${part.name ?? ''}(${await whole(part.arguments)})`;
    return whole(textOf(part));
  };
  return (await Promise.all(message.content.map(wholeOf))).join('\n');
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : printJson(value, 0);
}
