// An own price while it is typed: all of it text.
import type { OwnPrice, Price, RateName, Rates } from '../../api/settings_types';
import { parseRate, printRate } from './rate_text';

export const rateNames: readonly (readonly [RateName, string])[] = [
  ['input', 'Input'],
  ['cache_read', 'Cache read'],
  ['output', 'Output'],
  ['cache_write', 'Cache write'],
  ['cache_write_1h', 'Cache write, 1 hour'],
  ['output_reasoning', 'Reasoning'],
  ['input_audio', 'Audio in'],
  ['output_audio', 'Audio out'],
  ['input_image', 'Images in'],
  ['request', 'Per request'],
];

// Those that nearly every price has.
export const usualRates = 3;

export type PriceDraft = {
  model: string;
  provider: string;
  service_tier: string;
  valid_from: string;
  note: string;
  rates: Partial<Record<RateName, string>>;
};

// What is edited: a new price, or the one with that id.
export type Editing = { id: number | null; draft: PriceDraft };

export const emptyDraft: PriceDraft = {
  model: '',
  provider: '',
  service_tier: '',
  valid_from: '',
  note: '',
  rates: {},
};

export function draftOf(price: Price): PriceDraft {
  return {
    model: price.model,
    provider: price.provider ?? '',
    service_tier: price.service_tier ?? '',
    valid_from: price.valid_from ?? '',
    note: price.note ?? '',
    rates: Object.fromEntries(rateNames.map(([name]) => [name, printRate(price.rates[name])])),
  };
}

export const wrongRates = (draft: PriceDraft): RateName[] =>
  rateNames.map(([name]) => name).filter((name) => parseRate(draft.rates[name] ?? '') === null);

// REQUIRES: wrongRates(draft) is empty
export function priceOf(draft: PriceDraft): OwnPrice {
  const rates: Rates = {};
  for (const [name] of rateNames) {
    const rate = parseRate(draft.rates[name] ?? '');
    if (rate !== undefined && rate !== null) rates[name] = rate;
  }
  const { model, provider, service_tier, valid_from, note } = draft;
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  return {
    model: model.trim(),
    provider: orNull(provider),
    service_tier: orNull(service_tier),
    valid_from: orNull(valid_from),
    note: orNull(note),
    rates,
  };
}
