import { expect, test } from 'vitest';
import { RecentItems } from '../src/recent-items.ts';

test('keeps the newest and forgets the rest', () => {
  const newest = new RecentItems<{ id: string }>(2);
  for (const id of ['one', 'two', 'three']) newest.add({ id });
  expect(newest.list()).toEqual([{ id: 'three' }, { id: 'two' }]);
  expect(newest.find('two')).toEqual({ id: 'two' });
  expect(newest.find('one')).toBeUndefined();
});
