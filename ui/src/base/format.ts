// Numbers as people read them: three significant digits, a unit, and '-' for what is not known. Times are in time.ts.

export const unknown = '-';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? unknown : grouped.format(value);
}

// Rounds before it picks the unit, so that 999.7 of one unit reads as 1.00 of the next.
function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (rounded >= 100) return rounded.toFixed(0);
  return rounded >= 10 ? rounded.toFixed(1) : rounded.toFixed(2);
}

function inUnits(value: number, units: readonly string[], step: number): string {
  let scaled = value;
  for (const unit of units.slice(0, -1)) {
    if (Number(scaled.toPrecision(3)) < step) return threeDigits(scaled) + unit;
    scaled /= step;
  }
  return threeDigits(scaled) + (units.at(-1) ?? '');
}

const pad2 = (value: number): string => String(value).padStart(2, '0');

export function formatDuration(ns: number | null | undefined): string {
  if (ns === null || ns === undefined) return unknown;
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns === 0) return '0ms';
  if (ns < 1000) return `${Math.round(ns)}ns`;
  if (ns < 59.95e9) return inUnits(ns / 1e3, ['µs', 'ms', 's'], 1000);
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad2(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${pad2(minutes % 60)}m`;
}

export function formatTokens(count: number | null | undefined): string {
  if (count === null || count === undefined) return unknown;
  if (count < 10_000) return grouped.format(count);
  return inUnits(count / 1000, ['k', 'M', 'G'], 1000);
}

type TokenCounts = {
  prompt: number | null;
  completion: number | null;
  total: number | null;
  estimated?: boolean; // a library counted some of them, the provider sent none
};

// "341 → 22", or the total where that is all that is known; "~341 → 22" when a library estimated them.
export function formatTokenFlow(tokens: TokenCounts | null): string {
  if (!tokens) return unknown;
  const mark = tokens.estimated ? '~' : '';
  if (tokens.prompt === null && tokens.completion === null) return mark + formatTokens(tokens.total);
  return `${mark}${formatTokens(tokens.prompt)} → ${formatTokens(tokens.completion)}`;
}

export function explainTokens(tokens: TokenCounts | null): string {
  if (!tokens) return 'no span reports tokens';
  return `total ${tokens.total ?? 'unknown'}${tokens.estimated ? ', estimated by a library' : ''}`;
}

export function formatUsd(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return unknown;
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  if (usd < 0.9995) return `$${usd.toFixed(Math.max(2, 2 - Math.floor(Math.log10(usd))))}`;
  return `$${new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(usd)}`;
}

type Figures = { duration_ns: number; tokens: TokenCounts | null; cost: { total_usd: number | null } | null };

// "1.82s, 341 → 22 tokens, $0.0201": what is known of it.
export const formatFigures = ({ duration_ns, tokens, cost }: Figures): string =>
  [
    formatDuration(duration_ns),
    tokens && `${formatTokenFlow(tokens)} tokens`,
    cost && cost.total_usd !== null && formatUsd(cost.total_usd),
  ]
    .filter(Boolean)
    .join(', ');

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return unknown;
  if (bytes < 1024) return `${bytes} B`;
  return inUnits(bytes / 1024, [' KiB', ' MiB', ' GiB', ' TiB'], 1024);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
