// Where the text of the omnibox can lead: a trace it holds, or pages and projects whose name contains it.
import { parsePastedTrace } from '../../base/ids';

export type Target =
  | { to: '/traces/$traceId'; params: { traceId: string }; search: { span?: string } }
  | { to: '/p/$project/traces'; params: { project: string } }
  | { to: '/welcome' };

export type Suggestion = { label: string; hint: string; target: Target };

const suggestionsMax = 8;

export function suggestionsFor(text: string, projects: readonly string[]): Suggestion[] {
  const found = parsePastedTrace(text);
  if (found) {
    const target: Target = {
      to: '/traces/$traceId',
      params: { traceId: found.traceId },
      search: found.spanId ? { span: found.spanId } : {},
    };
    return [{ label: `Open trace ${found.traceId}`, hint: found.spanId ? `span ${found.spanId}` : '', target }];
  }
  const all: Suggestion[] = [
    ...projects.map(
      (project): Suggestion => ({
        label: `Traces of ${project}`,
        hint: 'project',
        target: { to: '/p/$project/traces', params: { project } },
      }),
    ),
    { label: 'Welcome: send a trace', hint: 'page', target: { to: '/welcome' } },
  ];
  const words = text.trim().toLowerCase();
  return all.filter((suggestion) => suggestion.label.toLowerCase().includes(words)).slice(0, suggestionsMax);
}
