// JSON that keeps integers beyond 2^53 (ids in attributes) exact: they become bigint and print back digit for digit.
import type { Json } from './types';

type SourceContext = { source?: string };
type SourceReviver = (this: unknown, key: string, value: Json, context: SourceContext) => Json;
type RawJson = { rawJSON: (text: string) => Json };

// Only a text that holds such digits pays for the slower reviver.
const longNumber = /[:[,]\s*-?\d{16}/;

const exactIntegers: SourceReviver = (_key, value, context) =>
  typeof value === 'number' &&
  Number.isInteger(value) &&
  !Number.isSafeInteger(value) &&
  /^-?\d+$/.test(context.source ?? '')
    ? BigInt(context.source ?? '')
    : value;

export function parseJson(text: string): Json {
  const reviver = longNumber.test(text) ? (exactIntegers as (key: string, value: Json) => Json) : undefined;
  return JSON.parse(text, reviver);
}

const exactNumbers = (_key: string, value: Json): Json =>
  typeof value === 'bigint' ? (JSON as unknown as RawJson).rawJSON(String(value)) : value;

export const printJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, exactNumbers as never, indent) ?? '';

// Shorter than this, a value reads best on one line.
const oneLineMax = 72;

// A JSON object or array inside a string, laid out for reading; null when the text is something else.
export function layOutJsonText(text: string): string | null {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  try {
    const value = parseJson(text);
    const flat = printJson(value, 1).replaceAll(/\n\s*/g, ' ');
    return flat.length <= oneLineMax ? flat : printJson(value);
  } catch {
    return null;
  }
}
