// The query that finds spans with the same value of an attribute.
import type { Json } from '../../../api/types';
import { writtenKey, writtenValue } from '../../../base/query_text';

const textMax = 200;

export function askFor(where: 'attributes' | 'resource', key: string, value: Json): string | null {
  const field = `${where}.${writtenKey(key)}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `${field}=${value}`;
  if (typeof value === 'boolean') return `${field}:${value}`;
  if (typeof value !== 'string' || value === '' || value.length > textMax || value.includes('\n')) return null;
  return `${field}:${writtenValue(value)}`;
}
