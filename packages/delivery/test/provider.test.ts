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
        pool: 10,
        account: expect.stringMatching(/^smtp\.gmail\.com:[0-9a-f]{12}$/),
      },
    ]);
    expect(smtpProviders('smtp://relay.example:2525?name=own&pool=20')).toEqual([
      { name: 'own', host: 'relay.example', port: 2525, security: 'starttls', pool: 20, account: expect.stringMatching(/^own:/) },
    ]);
    expect(smtpProviders('smtp://u:p@[::1]')).toMatchObject([{ host: '::1', port: 587 }]);
  });

  it('reads how many mails a connection may have', () => {
    expect(smtpProviders('smtps://h.example?messages=50')).toMatchObject([{ messages: 50 }]);
    expect(smtpProviders('smtps://h.example')[0]).not.toHaveProperty('messages');
  });

  it('reads a rate, and identifies an account by its credentials', () => {
    expect(['14/s', '600/m', '7200/h', '86400/d'].map((rate) => smtpProviders(`smtps://h.example?rate=${rate}`)[0]?.ratePerSecond)).toEqual(
      [14, 10, 2, 1],
    );
    const accounts = ['a:b', 'a:c', 'a:b'].map((login) => smtpProviders(`smtps://${login}@h.example`)[0]?.account);
    expect(accounts[0]).toBe(accounts[2]);
    expect(accounts[0]).not.toBe(accounts[1]);
  });

  it('reads how to connect: the name for EHLO, the mechanism, the name of the certificate', () => {
    const [provider] = smtpProviders('SMTPS://u:p@10.0.0.7?ehlo=Mail.Example.com&auth=Cram-MD5&servername=relay.example');
    expect(provider).toMatchObject({ ehlo: 'mail.example.com', auth: 'CRAM-MD5', servername: 'relay.example', host: '10.0.0.7' });
    expect(smtpProviders('smtp://h.example?ehlo=[192.0.2.7]')).toMatchObject([{ ehlo: '[192.0.2.7]' }]);
    expect(smtpProviders('smtp://h.example?ehlo=[IPv6:2001:db8::1]')).toMatchObject([{ ehlo: '[IPv6:2001:db8::1]' }]);
  });

  it('reads a login with an access token, without a password', () => {
    expect(smtpProviders('smtp://anne%40x.org@smtp.example?auth=oauth')).toMatchObject([
      { oauth: { user: 'anne@x.org', mechanisms: ['XOAUTH2', 'OAUTHBEARER'] } },
    ]);
    expect(smtpProviders('smtp://anne@smtp.example?auth=OAuthBearer')).toMatchObject([{ oauth: { mechanisms: ['OAUTHBEARER'] } }]);
    expect(smtpProviders('smtp://anne@smtp.example?auth=oauth')[0]).not.toHaveProperty('credentials');
    expect(() => smtpProviders('smtp://anne:planted@smtp.example?auth=oauth')).toThrow(/^has an auth with an access token and a password/);
    expect(() => smtpProviders('smtp://smtp.example?auth=oauth')).toThrow('has an auth but no user');
    expect(() => smtpProviders('smtp://anne@smtp.example')).toThrow('write ?auth=oauth');
  });

  it('reads a host in upper case, in Unicode, of one label, and with a slash after it', () => {
    const hosts = [
      'smtp://Relay.Example',
      'smtp://u:p@почта.рф:25',
      'smtp://mail_relay',
      'smtp://relay.example/?pool=2',
      'smtps://relay.example.',
    ];
    expect(hosts.map((url) => smtpProviders(url)[0]?.host)).toEqual([
      'relay.example',
      'xn--80a1acny.xn--p1ai',
      'mail_relay',
      'relay.example',
      'relay.example.',
    ]);
  });

  it('goes without TLS to this machine only', () => {
    const hosts = ['localhost:1025', 'localhost:465', '127.0.0.1', '127.1.2.3', '[::1]:25'];
    for (const host of hosts) expect(smtpProviders(`smtp://${host}?tls=off`)).toMatchObject([{ security: 'none' }]);
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
    ['smtps://u:p@host?messages=0', /messages/],
    ['smtps://u:p@host?messages=ten', /messages/],
    ['smtps://u:p@host?secure=false', /unknown parameter "secure"/],
    ['smtps://u:%@host', /stray %/],
    ['smtps://user:12/secret@host', /path or a fragment; in a user or password write \/ as %2F, \? as %3F and # as %23/],
    ['smtps://user:12#secret@host', /path or a fragment/],
    ['smtps://user:12/@host:465?name=x', /path or a fragment/],
    ['smtps://user:12?secret@host', /an @ after its \?; in a user or password write/],
    ['smtps://user:12?name=secret@host', /an @ after its \?/],
    ['smtps://user:se/cret@host', /percent-encode/],
    ['smtps://user:12?s3cret', /unknown parameter; known/],
    ['smtps://host/path', /path or a fragment/],
    ['smtps://u:p@ho st', /must be smtps:|not a host name/],
    ['smtps://u:p@host..example', /not a host name/],
    ['smtps://u:p@host?ehlo=', /ehlo/],
    ['smtps://u:p@host?ehlo=mail%0D%0ARSET', /ehlo/],
    ['smtps://u:p@host?ehlo=a b', /ehlo/],
    ['smtps://u:p@host?ehlo=[localhost]', /ehlo/],
    ['smtps://u:p@host?auth=xoauth2', /an auth with an access token and a password/],
    ['smtps://host?auth=plain', /an auth but no user/],
    ['smtp://relay.example?tls=off', /^has tls=off for relay.example; only localhost, 127\.0\.0\.1 and \[::1\] may go without TLS/],
    ['smtp://127.0.0.1.example?tls=off', /may go without TLS/],
    ['smtp://1270.0.0.1?tls=off', /may go without TLS|not a host name/],
    ['smtp://u:p@localhost?tls=off', /^has tls=off and a user; no password is sent without TLS/],
    ['smtps://localhost?tls=off', /write smtp:/],
    ['smtps://u:p@relay.example?tls=off', /write smtp:.*; has tls=off for relay.example; .*; has tls=off and a user/],
    ['smtp://u:p@relay.example:465', /^has smtp:\/\/ and port 465 for relay.example, .*: write smtps:\/\/, or port 587 for STARTTLS$/],
    ['smtps://u:p@host?rate=14&pool=0&x=1', /rate.*; has a pool.*; has an unknown parameter "x"/],
    ['smtp://u:p@one:465,smtps://two,smtps://u:p@three?pool=0', /^has 3 URLs: URL 1 has smtp:.*; URL 3 has a pool/],
    ['smtp://localhost?tls=optional', /a tls that is not off/],
    ['smtps://u:p@host?servername=10.0.0.1', /servername/],
    ['smtps://u:p@host?rate=0/s', /rate/],
    ['smtps://u:p@host?rate=14', /rate/],
    ['smtps://u:p@host,smtp://host', /twice/],
  ])('refuses %s with a message that has no password', (raw, why) => {
    expect(() => smtpProviders(raw)).toThrow(why);
    expect(() => smtpProviders(raw)).not.toThrow(/u:p|only-user|s.?cret/);
  });
});
