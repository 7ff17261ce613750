/** The variables of single sign-on. */
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const common = { POSTHOUSE_SECRET: 'a'.repeat(64), DASHBOARD_USERS: `anne:admin:scrypt.15.8.3.${'a'.repeat(22)}.${'a'.repeat(43)}` };
const good = {
  ...common,
  DASHBOARD_URL: 'https://posthouse.example.com/',
  OIDC_ISSUER: 'https://id.example.com/realms/staff',
  OIDC_CLIENT_ID: 'posthouse',
  OIDC_CLIENT_SECRET: 'planted',
  OIDC_ROLE_CLAIM: 'groups',
  OIDC_ROLES: '/ops/mail=operator, cn=admins%2Cdc=example = admin,50%25=viewer',
};

it('without them there is no single sign-on; what they need is required, the rest has a default', () => {
  expect(readConfig(common).oidc).toBeUndefined();
  expect(readConfig({ ...common, OIDC_ISSUER: '', OIDC_CLIENT_ID: '' }).oidc).toBeUndefined();
  expect(readConfig(good).oidc).toMatchObject({
    issuer: 'https://id.example.com/realms/staff',
    dashboardUrl: 'https://posthouse.example.com',
    scope: 'openid profile email',
    nameClaim: 'preferred_username',
    roles: new Map([
      ['/ops/mail', 'operator'],
      ['cn=admins,dc=example', 'admin'],
      ['50%', 'viewer'],
    ]),
  });
});

it('every error is listed at once, and no value is shown', () => {
  const planted = {
    ...common,
    OIDC_ISSUER: 'http://planted.example',
    OIDC_ROLES: 'planted',
    OIDC_SCOPE: 'planted',
    DASHBOARD_URL: 'planted',
  };
  const read = () => readConfig(planted);
  expect(read).toThrow(/7 configuration errors/);
  expect(read).toThrow(
    /OIDC_ISSUER must.*OIDC_CLIENT_ID is.*OIDC_CLIENT_SECRET is.*OIDC_SCOPE must.*OIDC_ROLE_CLAIM is.*OIDC_ROLES must.*DASHBOARD_URL must/s,
  );
  expect(read).not.toThrow(/planted/);
});

it.each([
  [
    { OIDC_ISSUER: '' },
    /OIDC_ISSUER is not set, and OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLE_CLAIM, OIDC_ROLES can only be used with it/,
  ],
  [{ OIDC_ISSUER: 'https://id.example.com/.well-known/openid-configuration' }, /leave out what begins with \/.well-known\//],
  [{ OIDC_ISSUER: 'https://user@id.example.com' }, /OIDC_ISSUER must be an https:\/\/ URL without user/],
  [{ DASHBOARD_URL: 'https://posthouse.example.com/mail' }, /DASHBOARD_URL must be an https:\/\/ URL without a path/],
  [{ DASHBOARD_URL: 'http://posthouse.example.com' }, /http:\/\/ only for this machine/],
  [
    { OIDC_ROLES: 'a=root,=admin,%zz=viewer,b=viewer,b=admin' },
    /entry 1: the role.*entry 2: the value is empty.*entry 3.*entry 5: the value is used twice/,
  ],
  [{ OIDC_CLIENT_SECRET_FILE: '/nowhere' }, /OIDC_CLIENT_SECRET_FILE is set as well as OIDC_CLIENT_SECRET/],
])('%o is refused', (change, message) => {
  expect(() => readConfig({ ...good, ...change })).toThrow(message);
});
