// The notices that the build of the UI wrote, and the list of what the program stands on, as rows. What is not of the
// form that is expected stands in `text` and is shown as it is.

export type Notice = { name: string; licence: string; text: string };
export type Part = { what: string; licence: string; how: string };

// "## name - version (licence)", then the licence's text.
const heading = /^## (.+) \(([^()]+)\)$/;

export function noticesOf(markdown: string): Notice[] {
  return markdown
    .split(/^(?=## )/m)
    .slice(1)
    .map((section) => {
      const [first = '', ...rest] = section.split('\n');
      const found = heading.exec(first);
      return {
        name: found?.[1] ?? first.replace(/^## /, ''),
        licence: found?.[2] ?? '',
        text: rest.join('\n').trim(),
      };
    });
}

export type PartGroup = { title: string; parts: Part[] };

const plainText = (cell: string): string =>
  cell
    .replaceAll('`', '')
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .trim();

// Tables of three columns under headings.
export function partsOf(markdown: string): PartGroup[] {
  const groups: PartGroup[] = [];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) groups.push({ title: line.slice(3), parts: [] });
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1).map(plainText) : [];
    const [what = '', licence = '', how = ''] = cells;
    if (cells.length === 3 && what !== 'what' && !what.startsWith('---'))
      groups.at(-1)?.parts.push({ what, licence, how });
  }
  return groups.filter((group) => group.parts.length > 0);
}
