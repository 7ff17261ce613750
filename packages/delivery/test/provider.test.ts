import { describe, expect, it } from 'vitest';
import { smtpProviders } from '../src/provider.ts';

describe('smtpProviders', () => {
  it('reads implicit TLS, STARTTLS, defaults and names', () => {
    expect(smtpProviders('smtps://anne%40x.org:p%2Css%3A@smtp.gmail.com')).toEqual([
      {
        name: 'smtp.gmail.com',
        host: 'smtp.gmail.com',
        port: 465,
        security: 'tls',
        credentials: { user: 'anne@x.org', pass: 'p,ss:' },
        pool: 5,
        account: expect.stringMatching(/^smtp\.gmail\.com:[0-9a-f]{12}$/),
      },
    ]);
    expect(smtpProviders('smtp://relay.example:2525?name=own&pool=20')).toEqual([
      { name: 'own', host: 'relay.example', port: 2525, security: 'starttls', pool: 20, account: expect.stringMatching(/^own:/) },
    ]);
    expect(smtpProviders('smtp://u:p@[::1]')).toMatchObject([{ host: '::1', port: 587 }]);
  });

  it('reads a rate, and identifies an account by its credentials', () => {
    expect(['14/s', '600/m', '7200/h', '86400/d'].map((rate) => smtpProviders(`smtps://h.example?rate=${rate}`)[0]?.ratePerSecond)).toEqual(
      [14, 10, 2, 1],
    );
    const accounts = ['a:b', 'a:c', 'a:b'].map((login) => smtpProviders(`smtps://${login}@h.example`)[0]?.account);
    expect(accounts[0]).toBe(accounts[2]);
    expect(accounts[0]).not.toBe(accounts[1]);
  });

  it('splits several only where a scheme follows the comma', () => {
    expect(smtpProviders('smtps://u:a,b@one.example,smtp://two.example').map(({ name }) => name)).toEqual(['one.example', 'two.example']);
  });

  it.each([
    ['smtp.gmail.com', /must be smtps:/],
    ['http://x', /must be smtps:/],
    ['smtps://u:p@', /must be smtps:/],
    ['smtps://only-user@host', /no password/],
    ['smtps://u:p@host?pool=0', /pool/],
    ['smtps://u:p@host?secure=false', /unknown parameter "secure"/],
    ['smtps://u:%@host', /stray %/],
    ['smtps://u:p@host?rate=0/s', /rate/],
    ['smtps://u:p@host?rate=14', /rate/],
    ['smtps://u:p@host,smtp://host', /twice/],
  ])('refuses %s with a message that has no password', (raw, why) => {
    expect(() => smtpProviders(raw)).toThrow(why);
    expect(() => smtpProviders(raw)).not.toThrow(/u:p|only-user/);
  });
});
