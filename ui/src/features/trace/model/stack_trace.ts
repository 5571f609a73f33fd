// What a line of a stack trace is, so that the reader's own frames stand out. Covers Python, JavaScript, Java and C++.
export type StackLine = 'frame' | 'library' | 'code' | 'headline';

const frame = /^\s*(File ".*", line \d+|at .+[:(].*\d+\)?$|#\d+ )/;
const library = /site-packages|dist-packages|node_modules|node:internal|\/lib\/python|\/usr\/(lib|include)\//;

export function classifyStackLine(line: string): StackLine {
  if (frame.test(line)) return library.test(line) ? 'library' : 'frame';
  return /^\s/.test(line) || line === '' ? 'code' : 'headline';
}
