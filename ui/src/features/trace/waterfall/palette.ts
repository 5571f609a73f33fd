// The colours of the style sheet as the canvas needs them: resolved for the theme on screen. A probe element does the
// resolving, so the values stay in one place.
import { kindSlug, kinds } from '../../../base/kinds';

const names = ['page', 'line', 'text', 'text-2', 'text-3', 'accent', 'error', 'selection'] as const;

export type Palette = Record<(typeof names)[number], string> & { kind: string[]; kindInk: string[] };

// Where the system chooses the colours, those of its names: kinds and errors are told by letters and words.
const forced: Palette = {
  page: 'Canvas',
  line: 'GrayText',
  text: 'CanvasText',
  'text-2': 'CanvasText',
  'text-3': 'GrayText',
  accent: 'Highlight',
  error: 'CanvasText',
  selection: 'Highlight',
  kind: kinds.map(() => 'CanvasText'),
  kindInk: kinds.map(() => 'Canvas'),
};

export function readPalette(host: HTMLElement): Palette {
  if (matchMedia('(forced-colors: active)').matches) return forced;
  const probe = document.createElement('span');
  host.append(probe);
  const resolve = (variable: string): string => {
    probe.style.color = `var(--${variable})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    ...(Object.fromEntries(names.map((name) => [name, resolve(name)])) as Record<(typeof names)[number], string>),
    kind: kinds.map(([kind]) => resolve(`kind-${kindSlug(kind)}`)),
    kindInk: kinds.map(([kind]) => resolve(`kind-${kindSlug(kind)}-ink`)),
  };
  probe.remove();
  return palette;
}
