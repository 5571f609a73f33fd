import { expect, it } from 'vitest';
import { noticesOf, partsOf } from './licences';

it('reads the notices of packages', () => {
  const text =
    '# Licenses\n\nThe app bundles:\n\n## @a/b - 1.2.3 (MIT)\n\nMIT License\n\n## c - 2.0 (OFL-1.1)\n\nFont\n\ntext\n';
  expect(noticesOf(text)).toEqual([
    { name: '@a/b - 1.2.3', licence: 'MIT', text: 'MIT License' },
    { name: 'c - 2.0', licence: 'OFL-1.1', text: 'Font\n\ntext' },
  ]);
});

it('reads the tables of what the program stands on', () => {
  const text = `# Third-party software

## In the programs

| what | licence | how |
|---|---|---|
| SQLite 3.40 | public domain | the \`catalog\`; [Debian](http://x) package |

## Nothing
`;
  expect(partsOf(text)).toEqual([
    {
      title: 'In the programs',
      parts: [{ what: 'SQLite 3.40', licence: 'public domain', how: 'the catalog; Debian package' }],
    },
  ]);
});
