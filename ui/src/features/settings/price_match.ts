// Which models an own price would mean. The server decides by RE2; the browser's expressions agree with it in all that
// names of models need.
import type { ModelUsage } from '../../api/settings_types';

export type PriceNames = { model: string; provider: string };

// The whole name, without case; null: that is no regular expression.
function wholeName(expression: string): RegExp | null {
  try {
    return new RegExp(`^(?:${expression})$`, 'iu');
  } catch {
    return null;
  }
}

// null: one of the two is no regular expression.
export function modelsMeant(names: PriceNames, usage: readonly ModelUsage[]): ModelUsage[] | null {
  const model = wholeName(names.model);
  const provider = names.provider === '' ? /^/u : wholeName(names.provider);
  if (!model || !provider) return null;
  if (names.model === '') return [];
  return usage.filter(({ group }) => model.test(group.model ?? '') && provider.test(group.provider ?? ''));
}

// A name as an expression that means it and no other.
export const literally = (name: string): string => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
