// How much more B has than A, with its sign. What is not known on either side is no difference of 0.
import { unknown } from '../../base/format';

type Format = (value: number) => string;

export function deltaOf(a: number | null, b: number | null, format: Format): string {
  if (a === null || b === null) return unknown;
  // Sums of prices differ in their last bits.
  if (Math.abs(b - a) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))) return '=';
  return b > a ? `+${format(b - a)}` : `−${format(a - b)}`;
}
