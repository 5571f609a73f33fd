// Where the text of the omnibox can lead: a trace or span it holds, or pages, projects and saved views whose name contains
// it, or what could be looked for.
import { isSpanId, parsePastedTrace } from '../../base/ids';
import { type ListSearch, titleOf } from '../../base/listing';
import { writtenValue } from '../../base/query_text';
import type { SavedView } from '../../base/saved_views';
import { type SectionId, sections } from '../../base/settings_sections';

export type Target =
  | { to: '/traces/$traceId'; params: { traceId: string }; search: { span?: string } }
  | { to: '/p/$project/traces'; params: { project: string }; search?: ListSearch }
  | { to: (typeof projectPages)[number][0]; params: { project: string } }
  | { to: '/p/$project/sessions/$sessionId'; params: { project: string; sessionId: string } }
  | { to: '/p/$project/settings/$section'; params: { project: string; section: SectionId } }
  | { to: '/welcome' };

export type Suggestion = { label: string; hint: string; target: Target };

export type Places = { project: string; projects: readonly string[]; views: readonly SavedView[] };

const suggestionsMax = 12;

const projectPages = [
  ['/p/$project', 'Home'],
  ['/p/$project/live', 'Live'],
  ['/p/$project/sessions', 'Sessions'],
  ['/p/$project/users', 'Users'],
  ['/p/$project/cost', 'Cost'],
  ['/p/$project/errors', 'Errors'],
] as const;

function pagesOf({ project, projects, views }: Places): Suggestion[] {
  return [
    ...views.map(
      ({ name, search }): Suggestion => ({
        label: name,
        hint: 'saved view',
        target: { to: '/p/$project/traces', params: { project }, search },
      }),
    ),
    ...projectPages.map(([to, label]): Suggestion => ({ label, hint: project, target: { to, params: { project } } })),
    ...(['spans', 'calls'] as const).map(
      (of): Suggestion => ({
        label: titleOf[of],
        hint: project,
        target: { to: '/p/$project/traces', params: { project }, search: { of } },
      }),
    ),
    ...projects.map(
      (name): Suggestion => ({
        label: `Traces of ${name}`,
        hint: 'project',
        target: { to: '/p/$project/traces', params: { project: name } },
      }),
    ),
    { label: 'Welcome: send a trace', hint: 'page', target: { to: '/welcome' } },
    ...sections.map(
      ([id, label]): Suggestion => ({
        label: `Settings: ${label.toLowerCase()}`,
        hint: 'page',
        target: { to: '/p/$project/settings/$section', params: { project, section: id } },
      }),
    ),
  ];
}

// What else a text may be: an id of a span or a session, or words of a message.
function lookedFor(text: string, project: string): Suggestion[] {
  const list = (label: string, search: ListSearch): Suggestion => ({
    label,
    hint: `in ${project}`,
    target: { to: '/p/$project/traces', params: { project }, search },
  });
  if (isSpanId(text)) return [list(`Find span ${text}`, { of: 'spans', q: `span:${text}` })];
  return [
    list(`Search traces for ${text}`, { q: writtenValue(text) }),
    {
      label: `Open session ${text}`,
      hint: `in ${project}`,
      target: { to: '/p/$project/sessions/$sessionId', params: { project, sessionId: text } },
    },
  ];
}

export function suggestionsFor(text: string, places: Places): Suggestion[] {
  const found = parsePastedTrace(text);
  if (found) {
    const target: Target = {
      to: '/traces/$traceId',
      params: { traceId: found.traceId },
      search: found.spanId ? { span: found.spanId } : {},
    };
    return [{ label: `Open trace ${found.traceId}`, hint: found.spanId ? `span ${found.spanId}` : '', target }];
  }
  const words = text.trim();
  const pages = pagesOf(places).filter(({ label }) => label.toLowerCase().includes(words.toLowerCase()));
  const others = words === '' ? [] : lookedFor(words, places.project);
  return [...pages.slice(0, suggestionsMax - others.length), ...others];
}
