import { expect, it } from 'vitest';
import type { Status } from '../api/types';
import { entryScriptOf, hasRestarted } from './upgrade';

it('finds the script that a page loads', () => {
  const html = '<script type="module" crossorigin src="/assets/index-0_zB-6e1.js"></script>';
  expect(entryScriptOf(html)).toBe('/assets/index-0_zB-6e1.js');
  expect(entryScriptOf('<script type="module" src="/src/app/main.tsx"></script>')).toBeNull();
});

it('sees a restart by the uptime', () => {
  const up = (uptime_s: number) => ({ uptime_s }) as Status;
  expect(hasRestarted(up(90), up(100))).toBe(false);
  expect(hasRestarted(up(90), up(2))).toBe(true);
  expect(hasRestarted(undefined, up(2))).toBe(false);
  expect(hasRestarted(up(90), undefined)).toBe(false);
});
