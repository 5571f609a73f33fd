// The traces that one could be compared with: the latest ones, of the same name where there is one.
import { queryOptions } from '@tanstack/react-query';
import { ask, pathOf } from './client';
import type { Page, TraceRow } from './types';

const recentMax = 30;
const askedMax = 100;

export const recentTracesQuery = (project: string, name: string | null) =>
  queryOptions({
    queryKey: ['recent-traces', project, name],
    queryFn: async ({ signal }) => {
      const params = new URLSearchParams({ limit: String(name === null ? recentMax : askedMax) });
      // A condition is about any span of a trace; the name that counts is the trace's.
      if (name) params.set('q', `name:"${name.replaceAll(/["\\]/g, '\\$&')}"`);
      const { data } = await ask<Page<TraceRow>>(`${pathOf(project)}/traces?${params}`, signal);
      return (name ? data.filter((row) => row.name === name) : data).slice(0, recentMax);
    },
  });
