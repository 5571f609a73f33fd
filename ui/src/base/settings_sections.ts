export const sections = [
  ['projects', 'Projects'],
  ['prices', 'Prices'],
  ['ingest', 'Ingest health'],
  ['storage', 'Storage'],
  ['appearance', 'Appearance'],
  ['licences', 'Licences'],
] as const;

export type SectionId = (typeof sections)[number][0];

export const isSection = (text: string): text is SectionId => sections.some(([id]) => id === text);
