// What the settings pages read: prices, ingest health, and the parts of the status that only operators look at.
import type { Status } from './types';

export type Rate = number | { base: number; tiers: { above: number; rate: number }[] };
export type RateName =
  | 'input'
  | 'cache_read'
  | 'cache_write'
  | 'cache_write_1h'
  | 'input_audio'
  | 'input_image'
  | 'output'
  | 'output_audio'
  | 'output_reasoning'
  | 'request';
export type Rates = Partial<Record<RateName, Rate>>;

// `id` is null for those of the data package.
export type Price = {
  source: string;
  id: number | null;
  provider: string | null;
  model: string;
  service_tier: string | null;
  valid_from: string | null;
  condition: string | null;
  rates: Rates;
  note: string | null;
};
export type Prices = { data: Price[]; prices_version: number; package: string };
export type OwnPrice = Pick<Price, 'provider' | 'model' | 'service_tier' | 'valid_from' | 'rates' | 'note'>;

export type ModelUsage = {
  group: { model: string | null; provider: string | null };
  calls: number;
  tokens: { prompt: number | null; completion: number | null };
  cost: { total_usd: number | null; unpriced_calls: number };
};

export type Finding = {
  code: string;
  severity: 'error' | 'warning' | 'info';
  count: number;
  of: number | null;
  message: string;
  remedy: string;
  trace_ids: string[];
};

export type IngestHealth = {
  from_unix_ns: string;
  to_unix_ns: string;
  spans: number;
  traces: number;
  calls: number;
  findings: Finding[];
  dialects: { dialect: string; spans: number; libraries: { name: string; version: string; spans: number }[] }[];
  unknown_attributes: { key: string; count: number; example: string | null }[];
};

export type OperatorStatus = Omit<Status, 'engine' | 'journal' | 'ingest'> & {
  warnings: string[];
  engine: Status['engine'] & { last_exit: string | null };
  journal: Status['journal'] & {
    pending_requests: number;
    pending_bytes: number;
    disk_bytes: number;
    corrupt_bytes: number;
    quarantined_requests: number;
  };
  ingest: Status['ingest'] & {
    log_records: number;
    rejected_log_records: number;
    data_points: number;
    rejected_data_points: number;
    repeated_requests: number;
  };
  rederive: {
    state: string;
    rules_version: number;
    prices_version: number;
    done: number;
    left: number;
    failed: number;
  };
};
