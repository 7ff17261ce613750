import { describe, expect, it } from 'vitest';
import { Sealer, sealKeys } from '../../src/record/sealer.ts';

const first = 'a'.repeat(64);
const second = 'b'.repeat(64);

describe('Sealer', () => {
  it('decrypts what it sealed, and seals the same value differently each time', () => {
    const sealer = new Sealer(sealKeys(first));
    const sealed = sealer.seal('안녕, anne@example.com', 'mail-1/envelope');
    expect(sealer.decrypt(sealed, 'mail-1/envelope')).toBe('안녕, anne@example.com');
    expect(sealed.toString('latin1')).not.toContain('anne');
    expect(sealer.seal('안녕, anne@example.com', 'mail-1/envelope')).not.toEqual(sealed);
  });

  it('uses no nonce twice', () => {
    const sealer = new Sealer(sealKeys(first));
    const nonces = Array.from({ length: 1000 }, () => sealer.seal('', 'x').subarray(3, 15).toString('hex'));
    expect(new Set(nonces).size).toBe(1000);
  });

  it('rejects a value that was altered, cut, or moved to another mail or field', () => {
    const sealer = new Sealer(sealKeys(first));
    const sealed = sealer.seal('secret', 'mail-1/content');
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => sealer.decrypt(altered, 'mail-1/content')).toThrow();
    }
    expect(() => sealer.decrypt(sealed.subarray(0, 20), 'mail-1/content')).toThrow();
    expect(() => sealer.decrypt(Buffer.alloc(0), 'mail-1/content')).toThrow();
    expect(() => sealer.decrypt(sealed, 'mail-2/content')).toThrow(/altered, or sealed for another mail/);
  });

  it('seals with the first key and decrypts with all keys', () => {
    const before = new Sealer(sealKeys(`old:${first}`));
    const after = new Sealer(sealKeys(`new:${second},old:${first}`));
    expect(after.decrypt(before.seal('kept', 'x'), 'x')).toBe('kept');
    expect(() => before.decrypt(after.seal('kept', 'x'), 'x')).toThrow(/"new".*add that key to its POSTHOUSE_SECRET/);
  });
});

describe('sealKeys', () => {
  it.each(['short', `${first}0`, 'g'.repeat(64), `a:${first},b:nothex`, ''])('rejects %j without repeating it', (raw) => {
    expect(() => sealKeys(raw)).toThrow(/32 bytes in hex/);
    if (raw) expect(() => sealKeys(raw)).not.toThrow(raw);
  });

  it('rejects two keys with the same id', () => {
    expect(() => sealKeys(`a:${first},a:${second}`)).toThrow(/twice/);
  });
});
