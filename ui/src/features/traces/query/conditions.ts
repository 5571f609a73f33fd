// Changes to the text of a query that the reader has not typed: a value put in by a click, a condition taken out. Only the
// outermost conditions are looked at; the server alone decides what a query means. Grammar: docs/guide/query.md.

import { writtenValue } from '../../../base/query_text';

type Value = { text: string; exact: boolean }; // not exact: its stars stand for any characters
export type Condition = {
  text: string;
  field: string; // '' where the text is no comparison of one field by : or =
  values: Value[];
};

const space = /\s*/y;
const keyword = /(and|or)(?=[\s()]|$)/iy;
const negation = /(?:-(?=\S)|not(?=[\s()])\s*)+/iy;
const name = /[a-z_](?:[\w.\-/$]|(?<=\.)"(?:[^"\\]|\\.)*")*/iy;
const sign = /:(?:>=|<=|>|<|~)\s*|:|\s*(?:>=|<=|!=|!~|>|<|~|=)\s*/y;
const quoted = /"(?:[^"\\]|\\.)*(?:"|$)/sy;
const word = /[^\s()"][^\s()"]*/y;
const listWord = /[^\s()",]+/y;

function take(text: string, pattern: RegExp, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

// Behind the bracket that closes the one at `at`, or at the end.
function behindBracket(text: string, at: number): number {
  let depth = 0;
  let i = at;
  while (i < text.length) {
    const inQuotes = take(text, quoted, i);
    if (inQuotes) {
      i += inQuotes.length;
      continue;
    }
    if (text[i] === '(') depth += 1;
    if (text[i] === ')') depth -= 1;
    i += 1;
    if (depth === 0) return i;
  }
  return i;
}

const unquoted = (text: string): string => text.replace(/^"|"$/g, '').replaceAll(/\\(.)/gs, '$1');

function readValue(text: string): Value {
  return text.startsWith('"') ? { text: unquoted(text), exact: true } : { text, exact: !text.includes('*') };
}

// "(a or b, c)"
function listedValues(text: string): Value[] {
  const values: Value[] = [];
  let at = 1;
  while (at < text.length) {
    const part = take(text, quoted, at) ?? take(text, listWord, at);
    if (part && !/^(or|and)$/i.test(part)) values.push(readValue(part));
    at += part?.length ?? 1;
  }
  return values;
}

function conditionAt(text: string, begin: number): Condition {
  const minus = take(text, negation, begin) ?? '';
  let at = begin + minus.length;
  const field = take(text, name, at) ?? '';
  const operator = field && take(text, sign, at + field.length);
  if (operator) at += field.length + operator.length;
  const valueBegin = at;
  const part = take(text, quoted, at) ?? take(text, word, at) ?? '';
  at += part.length;
  if (text[at] === '(' && !part.startsWith('"')) at = behindBracket(text, at);
  const whole = text.slice(begin, Math.max(at, begin + 1));
  if (minus || !operator || !/^\s*[:=]\s*$/.test(operator)) return { text: whole, field: '', values: [] };
  const value = text.slice(valueBegin, at);
  const values = value.startsWith('(') ? listedValues(value) : value === '' ? [] : [readValue(value)];
  return { text: whole, field: field.toLowerCase(), values };
}

// null: they are alternatives, between which "or" stands.
export function conditionsOf(query: string): Condition[] | null {
  const conditions: Condition[] = [];
  let at = take(query, space, 0)?.length ?? 0;
  while (at < query.length) {
    const between = take(query, keyword, at);
    if (between?.toLowerCase() === 'or') return null;
    const condition = between ? null : conditionAt(query, at);
    if (condition) conditions.push(condition);
    at += (between ?? condition?.text ?? '').length;
    at += take(query, space, at)?.length ?? 0;
  }
  return conditions;
}

const joined = (conditions: readonly Condition[]): string => conditions.map(({ text }) => text).join(' ');

export function withoutCondition(query: string, index: number): string {
  return joined((conditionsOf(query) ?? []).filter((_, other) => other !== index));
}

const isSame = (value: Value, text: string): boolean => value.exact && value.text === text;

export function selectedValues(query: string, field: string): string[] {
  const conditions = conditionsOf(query) ?? [];
  const values = conditions.filter((condition) => condition.field === field).flatMap((condition) => condition.values);
  return values.filter((value) => value.exact).map((value) => value.text);
}

// The query under which the values of a field are counted: all of it but what is asked of the field itself.
export function withoutField(query: string, field: string): string {
  const conditions = conditionsOf(query);
  if (!conditions?.some((condition) => condition.field === field)) return query;
  return joined(conditions.filter((condition) => condition.field !== field));
}

function withValues(field: string, values: readonly Value[]): string {
  const written = values.map((value) => (value.exact ? writtenValue(value.text) : value.text));
  return written.length === 1 ? `${field}:${written[0]}` : `${field}:(${written.join(' or ')})`;
}

// Takes the value out where it is asked for, else adds it as an alternative to what the field may be.
export function toggleValue(query: string, field: string, text: string): string {
  const conditions = conditionsOf(query);
  const added: Value = { text, exact: true };
  if (!conditions) return `(${query.trim()}) ${withValues(field, [added])}`;
  const ofField = conditions.filter((condition) => condition.field === field);
  const holder = ofField.find((condition) => condition.values.some((value) => isSame(value, text)));
  const changed = holder ?? ofField.find((condition) => condition.values.length > 0);
  if (!changed) return [joined(conditions), withValues(field, [added])].filter(Boolean).join(' ');
  const values = holder ? holder.values.filter((value) => !isSame(value, text)) : [...changed.values, added];
  return conditions
    .map((condition) => (condition === changed ? (values.length > 0 ? withValues(field, values) : '') : condition.text))
    .filter(Boolean)
    .join(' ');
}
