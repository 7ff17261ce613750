/** What a body may be, whatever mail is in it, and what an invalid one costs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, good } from './api-fixture.ts';

const api = new ApiFixture();
beforeAll(() => api.start());
afterAll(() => api.stop());

it('of the thousand issues of a batch lists a hundred and counts the others, and frees the event loop after each mail', async () => {
  const mails = Array.from({ length: 1000 }, () => ({ ...good, tagz: [] }));
  let turns = 0;
  let isAnswered = false;
  const count = () => {
    turns += 1;
    if (!isAnswered) setImmediate(count);
  };
  setImmediate(count);
  const response = await api.post('/v1/mails/batch', { mails });
  isAnswered = true;
  expect(response.json()).toMatchObject({
    status: 400,
    code: 'malformed-request',
    detail: expect.stringContaining('There are 900 more.'),
  });
  const expected = Array.from({ length: 100 }, (_, n) => ({ pointer: `/mails/${n}/tagz`, message: 'is not a known field' }));
  expect(response.json().issues).toEqual(expected);
  expect(turns).toBeGreaterThanOrEqual(mails.length);
});
