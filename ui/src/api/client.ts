// One way to ask the server: a path in, a typed value or an ApiError out.
import { noteReachable } from './connection';
import { parseJson } from './json';
import type { Mistake, Page, Project, Rejected, Status } from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    message: string,
    readonly mistakes: readonly Mistake[] = [], // of a query
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

// Said once, at the query itself.
export const isMistake = (error: Error | null): boolean => error instanceof ApiError && error.mistakes.length > 0;

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string; mistakes?: Mistake[] } };
    if (error?.message) return new ApiError(response.status, error.code ?? 'error', error.message, error.mistakes);
  } catch {
    // A proxy in between answers with a page of its own; its status line is what there is to say.
  }
  return new ApiError(response.status, 'error', `the server answered ${response.status} ${response.statusText}`.trim());
}

async function answerTo(path: string, request: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    noteReachable(false);
    throw new ApiError(0, 'unreachable', `no answer from ${location.host}`);
  }
  noteReachable(true);
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function ask<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await answerTo(path, { signal, headers: { accept: 'application/json' } });
  return parseJson(await response.text()) as T;
}

// The text of the answer, or null where it has more bytes; then no more of it is read.
async function textWithin(response: Response, bytesMax: number): Promise<string | null> {
  if (!response.body) return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

// null: the answer is longer than that.
export async function askWithin<T>(path: string, bytesMax: number, signal: AbortSignal): Promise<T | null> {
  const response = await answerTo(path, { signal, headers: { accept: 'application/json' } });
  const text = await textWithin(response, bytesMax);
  return text === null ? null : (parseJson(text) as T);
}

export async function askBytes(path: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await answerTo(path, { signal })).arrayBuffer();
}

// A change. What the server says to it is not needed: what is shown is asked for anew.
export async function send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
  const json =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  await answerTo(path, { method, ...json });
}

export const pathOf = (project: string): string => `/api/v1/projects/${encodeURIComponent(project)}`;

export const readStatus = (signal: AbortSignal) => ask<Status>('/api/v1/status', signal);
export const listProjects = async (signal: AbortSignal) => (await ask<Page<Project>>('/api/v1/projects', signal)).data;
export const listRejected = async (signal: AbortSignal) =>
  (await ask<{ data: Rejected[] }>('/api/v1/rejected', signal)).data;
