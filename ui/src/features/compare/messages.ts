// The messages of two calls beside each other: those that are the same keep their place, and between them the first of a
// role stands beside the first of that role.
import { diffArrays } from 'diff';
import type { Message } from '../../api/types';
import { messageKey } from './changes';

export type MessagePair = { a: Message | null; b: Message | null; isSame: boolean };

const editsMax = 2000;

export function alignMessages(a: readonly Message[], b: readonly Message[]): MessagePair[] {
  const runs = diffArrays(a.map(messageKey), b.map(messageKey), { maxEditLength: editsMax }) ?? [
    { count: a.length, removed: true, added: false },
    { count: b.length, removed: false, added: true },
  ];
  const pairs: MessagePair[] = [];
  let [inA, inB] = [0, 0];
  let removed: Message[] = [];
  let added: Message[] = [];
  const close = () => {
    pairs.push(...pairByRole(removed, added));
    [removed, added] = [[], []];
  };
  for (const run of runs) {
    if (run.removed) removed = a.slice(inA, inA + run.count);
    else if (run.added) added = b.slice(inB, inB + run.count);
    else {
      close();
      for (let i = 0; i < run.count; i += 1) {
        pairs.push({ a: a[inA + i] ?? null, b: b[inB + i] ?? null, isSame: true });
      }
    }
    if (!run.added) inA += run.count;
    if (!run.removed) inB += run.count;
  }
  close();
  return pairs;
}

function pairByRole(removed: readonly Message[], added: readonly Message[]): MessagePair[] {
  const left = [...removed];
  const pairs: MessagePair[] = [];
  for (const message of added) {
    const at = left.findIndex(({ role }) => role === message.role);
    if (at < 0) {
      pairs.push({ a: null, b: message, isSame: false });
      continue;
    }
    pairs.push(...left.splice(0, at).map((a) => ({ a, b: null, isSame: false })));
    pairs.push({ a: left.shift() ?? null, b: message, isSame: false });
  }
  return [...pairs, ...left.map((a) => ({ a, b: null, isSame: false }))];
}
