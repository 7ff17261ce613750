/** What holds for the answer to every invalid mail, and what finding it costs. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limits } from '../src/limits.ts';
import { MailSchema } from '../src/mail-schema.ts';
import { checker, issuesOf, schemaValidator } from '../src/schema-check.ts';

const check = checker(MailSchema);
const validate = schemaValidator(MailSchema);

/** A value and how often something was read of it. */
function counted<T extends object>(value: T): [T, () => number] {
  let reads = 0;
  const get = (target: T, name: string | symbol) => {
    reads += 1;
    return Reflect.get(target, name);
  };
  return [new Proxy(value, { get }), () => reads];
}

/** A part of a mail, and pointers to its issues relative to it. */
type Part = [value: unknown, issues: string[]];

const address = fc.constantFrom<Part>(
  ['anne@example.com', []],
  ['Anne <anne@example.com>', []],
  [{ address: 'anne@example.com' }, []],
  ['bad', ['']],
  [3, ['']],
  [['anne@example.com'], ['']],
  [{ address: 'bad' }, ['/address']],
  [{ name: 'Anne' }, ['/address']],
  [{ address: 'bad', nmae: 'Anne', name: 3 }, ['/address', '/nmae', '/name']],
);
const addresses = fc.oneof(
  address.filter(([value]) => !Array.isArray(value)),
  fc
    .array(address, { minLength: 1, maxLength: 12 })
    .map((parts): Part => [parts.map(([value]) => value), parts.flatMap(([, issues], n) => issues.map((issue) => `/${n}${issue}`))]),
  fc.constant<Part>([Array(limits.recipients + 1).fill('bad'), ['']]),
);
const fields = fc.record(
  {
    to: addresses,
    cc: addresses,
    from: address,
    priority: fc.constantFrom<Part>(['high', []], ['urgent', ['']], [null, ['']]),
    tags: fc.constantFrom<Part>([['a', 'b'], []], [['a', 'a'], ['']], [['a', 'b c'], ['/1']], [Array(11).fill('b c'), ['']]),
    headers: fc.constantFrom<Part>(
      [{ 'X-A': 'b' }, []],
      [{ 'X-A': 'b', Bcc: 'a', 'a/b': '' }, ['/Bcc', '/a~1b']],
      [{ 'X-A': 3 }, ['/X-A']],
    ),
    scheduledAt: fc.constantFrom<Part>(['2026-11-22T09:00:00Z', []], ['tomorrow', ['']], ['2'.repeat(200), ['']]),
    tagz: fc.constant<Part>([[], ['']]),
  },
  { requiredKeys: ['to'] },
);

it('names each issue of a mail once, where it is, and no other', () => {
  fc.assert(
    fc.property(fields, (parts) => {
      const entries = Object.entries(parts) as [string, Part][];
      const mail = Object.fromEntries(entries.map(([name, [value]]) => [name, value]));
      const expected = entries.flatMap(([name, [, issues]]) => issues.map((issue) => `/${name}${issue}`));
      expect([...check(mail)].map(({ pointer }) => pointer).sort()).toEqual(expected.sort());
    }),
    { numRuns: 300 },
  );
});

it('reads each error of a mail a limited number of times, however many there are', () => {
  fc.assert(
    fc.property(fc.nat(limits.recipients - 1), fc.integer({ min: 1, max: 99 }), fields, (recipients, unknown, parts) => {
      const list = Array(recipients + 1).fill({ address: 'bad', name: 3 });
      const values = Object.entries(parts).map(([name, part]) => [name, part?.[0]]);
      const unknownFields = Array.from({ length: unknown }, (_, n) => [`field${n}`, n]);
      validate({ ...Object.fromEntries([...values, ...unknownFields]), to: list, cc: list, bcc: list, replyTo: list });
      const counts = (validate.errors ?? []).map(counted);
      const errors = counts.map(([error]) => error);
      issuesOf(errors);
      expect(counts.reduce((sum, [, reads]) => sum + reads(), 0) / errors.length).toBeLessThan(50);
    }),
    { numRuns: 30 },
  );
});

it.each([
  ['recipients', 'to', 'bad', '/to'],
  ['tags', 'tags', 'not a tag', '/tags'],
  ['attachments', 'attachments', { content: '?' }, '/attachments'],
])('does not look at the items of too many %s', (_what, name, item, pointer) => {
  const [list, reads] = counted(Array(5000).fill(item));
  expect([...check({ to: 'anne@example.com', [name]: list })].map((issue) => issue.pointer)).toEqual([pointer]);
  expect(reads()).toBeLessThan(10);
});

it('puts a hundred issues into words and counts the others', () => {
  const issues = checker({ type: 'array', items: { type: 'string' } })(Array(5000).fill(1));
  expect([[...issues].length, issues.more, issues.length]).toEqual([100, 4900, 5000]);
  const tooMany = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`field${n}`, n]));
  expect([...check({ to: 'anne@example.com', ...tooMany })]).toMatchObject([{ pointer: '', message: 'has too many unknown fields' }]);
});

it('of a oneOf that several branches fit, names the oneOf', () => {
  const one = checker({ oneOf: [{ type: 'integer' }, { type: 'number' }, { type: 'string', pattern: '^a' }] });
  expect([...one(1)]).toMatchObject([{ pointer: '', message: 'fits more than one of the allowed forms' }]);
  expect([...one('b')]).toMatchObject([
    { pointer: '', message: 'has characters that are not allowed here, or the wrong form: it must match ^a' },
  ]);
  expect([...one(true)]).toMatchObject([{ pointer: '', message: 'must be a whole number, a number or a string, not true' }]);
});

it('compares the items of a list without comparing all pairs', () => {
  const unique = checker({ type: 'array', uniqueItems: true });
  const counts = Array.from({ length: 300 }, (_, n) => counted({ n }));
  const items = counts.map(([item]) => item);
  expect(unique(items).length).toBe(0);
  for (const [, reads] of counts) expect(reads()).toBeLessThan(5);
  expect(unique([{ a: 1, b: 2 }, 3, { b: 2, a: 1 }]).length).toBe(1);
});
