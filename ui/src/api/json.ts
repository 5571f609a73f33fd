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

// A JSON object or array inside a string, indented; null when the text is something else.
export function indentJsonText(text: string): string | null {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  try {
    return printJson(parseJson(text));
  } catch {
    return null;
  }
}
