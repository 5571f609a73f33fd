// The queries last asked in a project, the latest first, kept in this browser.
const keptMax = 8;

const settingOf = (project: string): string => `nightjar.queries.${project}`;

export function recentQueries(project: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(settingOf(project)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((query) => typeof query === 'string').slice(0, keptMax) : [];
  } catch {
    return []; // written by another program on this address
  }
}

export function noteQuery(project: string, query: string): void {
  const text = query.trim();
  if (text === '') return;
  const others = recentQueries(project).filter((other) => other !== text);
  localStorage.setItem(settingOf(project), JSON.stringify([text, ...others].slice(0, keptMax)));
}
