import { expect, test } from 'vitest';
import { RecentItems } from '../src/inbox/recent-items.ts';

test('keeps the newest items and drops older ones', () => {
  const items = new RecentItems<{ id: string }>(2);
  for (const id of ['one', 'two', 'three']) items.add({ id });
  expect(items.list()).toEqual([{ id: 'three' }, { id: 'two' }]);
  expect(items.find('two')).toEqual({ id: 'two' });
  expect(items.find('one')).toBeUndefined();
});
