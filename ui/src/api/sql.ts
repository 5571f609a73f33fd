// Questions that need SQL (docs/guide/sql.md). Texts go in as hexadecimal digits, so that none ends its literal.
import { ApiError } from './client';
import { parseJson } from './json';

const encoder = new TextEncoder();

export const sqlText = (text: string): string =>
  `unhex('${Array.from(encoder.encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}')`;

export type SqlRow = (string | number | null)[];

export async function askSql(query: string, signal: AbortSignal): Promise<SqlRow[]> {
  const response = await fetch('/api/v1/sql', {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, format: 'json' }),
  });
  const answer = parseJson(await response.text()) as { data?: SqlRow[]; error?: { code: string; message: string } };
  if (!response.ok || !answer.data) {
    throw new ApiError(response.status, answer.error?.code ?? 'error', answer.error?.message ?? 'no answer');
  }
  return answer.data;
}
