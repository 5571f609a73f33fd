// A rate as one types it: "2.5", or "8; 12 above 200000" where long prompts cost more. US dollars per million tokens.
import type { Rate } from '../../api/settings_types';

const number = /^\d+(\.\d+)?$/;
const tier = /^(\d+(?:\.\d+)?)\s+above\s+([\d,_ ]*\d)$/;

export const printRate = (rate: Rate | undefined): string =>
  rate === undefined
    ? ''
    : typeof rate === 'number'
      ? String(rate)
      : [rate.base, ...rate.tiers.map(({ above, rate: then }) => `${then} above ${above}`)].join('; ');

// undefined: nothing is typed; null: what is typed is no rate.
export function parseRate(text: string): Rate | undefined | null {
  const [base = '', ...rest] = text.split(';').map((part) => part.trim());
  if (base === '' && rest.length === 0) return undefined;
  if (!number.test(base)) return null;
  if (rest.length === 0) return Number(base);
  const tiers: { above: number; rate: number }[] = [];
  for (const part of rest) {
    const found = tier.exec(part);
    if (!found?.[1] || !found[2]) return null;
    tiers.push({ above: Number(found[2].replaceAll(/[,_ ]/g, '')), rate: Number(found[1]) });
  }
  return { base: Number(base), tiers };
}
