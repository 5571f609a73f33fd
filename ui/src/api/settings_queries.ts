// What the settings pages ask, and the changes they make.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ApiError, ask, pathOf, send } from './client';
import type { IngestHealth, ModelUsage, OperatorStatus, OwnPrice, Prices } from './settings_types';

const statusEveryMs = 5000;
const healthEveryMs = 15_000;
const ownPricesMax = 1000;
const modelsMax = 1000;
export const pricesShown = 50;

// The shell asks for the same answer and knows less of it.
export const operatorStatusQuery = queryOptions({
  queryKey: ['operator-status'],
  queryFn: ({ signal }) => ask<OperatorStatus>('/api/v1/status', signal),
  refetchInterval: statusEveryMs,
});

// A project without spans is unknown to the server.
async function orNothing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export const ingestHealthQuery = (project: string) =>
  queryOptions({
    queryKey: ['ingest-health', project],
    queryFn: ({ signal }) => orNothing(ask<IngestHealth>(`${pathOf(project)}/ingest-health`, signal)),
    refetchInterval: healthEveryMs,
  });

// Own prices stand before those of the package.
export const ownPricesQuery = queryOptions({
  queryKey: ['prices', 'own'],
  queryFn: async ({ signal }) => {
    const { data } = await ask<Prices>(`/api/v1/prices?limit=${ownPricesMax}`, signal);
    return data.filter((price) => price.id !== null);
  },
});

export const packagePricesQuery = (model: string) =>
  queryOptions({
    queryKey: ['prices', 'package', model],
    queryFn: async ({ signal }) => {
      const params = new URLSearchParams({ model, limit: String(pricesShown) });
      const prices = await ask<Prices>(`/api/v1/prices?${params}`, signal);
      return { ...prices, data: prices.data.filter((price) => price.id === null) };
    },
    placeholderData: keepPreviousData,
  });

export const modelUsageQuery = (project: string) =>
  queryOptions({
    queryKey: ['model-usage', project],
    queryFn: async ({ signal }) => {
      const path = `${pathOf(project)}/usage?group_by=model,provider&limit=${modelsMax}`;
      return (await ask<{ data: ModelUsage[] }>(path, signal)).data;
    },
  });

export const savePrice = (id: number | null, price: OwnPrice): Promise<void> =>
  id === null ? send('POST', '/api/v1/prices', price) : send('PUT', `/api/v1/prices/${id}`, price);

export const removePrice = (id: number): Promise<void> => send('DELETE', `/api/v1/prices/${id}`);

// Days by project; those that are not in it keep for ever.
export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: async ({ signal }) => {
    const { data } = await ask<{ data: { project: string; days: number }[] }>('/api/v1/retention', signal);
    return new Map(data.map(({ project, days }) => [project, days]));
  },
  structuralSharing: false,
});

export const keepFor = (project: string, days: number | null): Promise<void> =>
  send('PUT', `${pathOf(project)}/retention`, { days });

export const eraseProject = (project: string): Promise<void> => send('DELETE', pathOf(project));

// Both were written by builds: what the page is made of, and what the program is.
async function readText(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal });
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  return response.text();
}

export const licencesQuery = queryOptions({
  queryKey: ['licences'],
  queryFn: async ({ signal }) => {
    const [packages, program] = await Promise.all([
      readText('/licences.md', signal),
      readText('/third_party.md', signal),
    ]);
    return { packages, program };
  },
  staleTime: Number.POSITIVE_INFINITY,
});
