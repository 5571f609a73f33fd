// How a figure differs from the same one of the period before.
import { unknown } from './format';

export type Change = { text: string; isNotable: boolean };

const notableShare = 0.2;

// "+12 %", "new", "gone"; null where nothing can be compared.
export function changeOf(now: number | null, before: number | null): Change | null {
  if (now === null || before === null) return null;
  if (before === 0) return now === 0 ? null : { text: 'new', isNotable: true };
  if (now === 0) return { text: 'gone', isNotable: true };
  const share = now / before - 1;
  const percent = Math.round(share * 100);
  if (percent === 0) return { text: 'as before', isNotable: false };
  const amount =
    Math.abs(share) >= 9 ? `${(now / before).toFixed(0)} times` : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
  return { text: amount, isNotable: Math.abs(share) >= notableShare };
}

export const changeText = (now: number | null, before: number | null): string => changeOf(now, before)?.text ?? unknown;
