import { describe, expect, it } from 'vitest';
import type { PlacedMatch } from '../../api/types';
import { foundText, nearBefore, placeText } from './place';

const match: PlacedMatch = {
  trace_id: '5b8efff798038103d269b633813fc60c',
  span_id: 'eee19b7ec3c1b174',
  span_name: 'chat',
  place: 'input',
  role: null,
  key: null,
  position: null,
  path: '/input/value',
  offset: 21,
  length: 6,
  before: 'When do I get the ',
  found: 'refund',
  after: ' for it?',
};

describe('a place of words', () => {
  it('is told by position, key and role', () => {
    expect(placeText(match)).toBe('input');
    expect(placeText({ ...match, place: 'input message', position: 2, role: 'user' })).toBe('input message 3, user');
    expect(placeText({ ...match, place: 'document', position: 0 })).toBe('document 1');
    expect(placeText({ ...match, place: 'attribute', key: 'app.note' })).toBe('attribute app.note');
    expect(placeText({ ...match, place: 'tool argument', key: 'pay' })).toBe('tool argument pay');
    expect(placeText({ ...match, place: 'tool argument', key: 'pay', position: 1, role: 'assistant' })).toBe(
      'tool argument pay in message 2, assistant',
    );
  });

  it('is shown with what stands around it, or near it', () => {
    expect(foundText(match)).toBe('When do I get the refund for it?');
    expect(nearBefore('When do I get the ')).toBe('…I get the ');
    expect(nearBefore('the ')).toBe('the ');
    expect(nearBefore('averylongwordwithoutanend')).toBe('…withoutanend');
  });
});
