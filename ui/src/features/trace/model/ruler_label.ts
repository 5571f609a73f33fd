// A ruler mark, with just the digits that tell it from its neighbours.
const units: readonly [ns: number, name: string][] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

export function rulerLabel(ns: number, stepNs: number): string {
  if (ns === 0) return '0';
  if (ns >= 60e9) {
    const minutes = Math.floor(ns / 60e9);
    const seconds = (ns - minutes * 60e9) / 1e9;
    const digits = Math.max(0, -Math.floor(Math.log10(stepNs / 1e9) + 1e-9));
    const rest = seconds === 0 ? '' : ` ${seconds.toFixed(digits)}s`;
    return minutes >= 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m${rest}` : `${minutes}m${rest}`;
  }
  const [size, name] = units.find(([unit]) => ns >= unit) ?? [1, 'ns'];
  const digits = Math.max(0, -Math.floor(Math.log10(stepNs / size) + 1e-9));
  return `${(ns / size).toFixed(digits)}${name}`;
}
