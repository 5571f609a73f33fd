import { expect, it } from 'vitest';
import { sqlText } from './sql';

it('writes texts so that none ends the literal', () => {
  expect(sqlText("a'b")).toBe("unhex('612762')");
  expect(sqlText('ü')).toBe("unhex('c3bc')");
  expect(sqlText('')).toBe("unhex('')");
});
