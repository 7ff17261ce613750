import { expect, test } from 'vitest';
import { Newest } from '../src/newest.ts';

test('keeps the newest and forgets the rest', () => {
  const newest = new Newest<{ id: string }>(2);
  for (const id of ['one', 'two', 'three']) newest.add({ id });
  expect(newest.list()).toEqual([{ id: 'three' }, { id: 'two' }]);
  expect(newest.find('two')).toEqual({ id: 'two' });
  expect(newest.find('one')).toBeUndefined();
});
