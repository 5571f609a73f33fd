// What a line of a stack trace is, so that the reader's own frames stand out. Covers Python, JavaScript, Java and C++.
export type StackLine = 'frame' | 'library' | 'code' | 'headline';

const frame = /^\s*(File ".*", line \d+|at .+[:(].*\d+\)?$|#\d+ )/;
const library = /site-packages|dist-packages|node_modules|node:internal|\/lib\/python|\/usr\/(lib|include)\//;

export function classifyStackLine(line: string): StackLine {
  if (frame.test(line)) return library.test(line) ? 'library' : 'frame';
  return /^\s/.test(line) || line === '' ? 'code' : 'headline';
}

const cause = /^(Caused by: |The above exception was|During handling of the above|\s*\[cause\]: |\s*Suppressed: )/;

// Lines that stand together: frames of libraries with their code, where one exception leads to another, and the rest.
export type StackRun = { what: 'own' | 'library' | 'cause'; frames: number; lines: string[] };

const foldedFramesMin = 3;

export function stackRuns(lines: readonly string[]): StackRun[] {
  const runs: StackRun[] = [];
  for (const line of lines) {
    const kind = classifyStackLine(line);
    const last = runs.at(-1);
    const what = cause.test(line)
      ? 'cause'
      : kind === 'library' || (kind === 'code' && last?.what === 'library')
        ? 'library'
        : 'own';
    const frames = kind === 'frame' || kind === 'library' ? 1 : 0;
    if (last?.what === what) {
      last.lines.push(line);
      last.frames += frames;
    } else runs.push({ what, frames, lines: [line] });
  }
  return runs;
}

// Whether the run is folded: it is long, and the reader's own frames are what is left.
export const isFolded = (run: StackRun, runs: readonly StackRun[]): boolean =>
  run.what === 'library' &&
  run.frames >= foldedFramesMin &&
  runs.some(({ what, frames }) => what === 'own' && frames > 0);

// What of one exception of a chain the reader wrote, and what libraries did.
export type StackPart = { cause: string[]; own: string[]; library: string[]; libraryFrames: number };

// Each exception with the reader's own frames first, in the order that they came in; null where there is no choice: one of
// the two is all there is.
export function ownFirst(runs: readonly StackRun[]): StackPart[] | null {
  const has = (what: StackRun['what']) => runs.some((run) => run.what === what && run.frames > 0);
  if (!has('own') || !has('library')) return null;
  const parts: StackPart[] = [];
  for (const { what, frames, lines } of runs) {
    if (what === 'cause' || parts.length === 0) parts.push({ cause: [], own: [], library: [], libraryFrames: 0 });
    const part = parts.at(-1) as StackPart;
    part[what].push(...lines);
    if (what === 'library') part.libraryFrames += frames;
  }
  return parts;
}
