import { verifyPassword } from '@posthouse/access';
import { patientDurations, RedisProcess } from '@posthouse/devkit';
import { AuditLog, RequestConnection, Sealer, Sessions, sealKeys, UserDirectory } from '@posthouse/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runProcess } from './command-line.ts';

describe('users', () => {
  it('prints the entry of a viewer, with a hash of the first line of stdin, as a process', async () => {
    const { code, stdout, stderr } = await runProcess(['users', 'anne'], { stdin: 'correct horse\nand more\n' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const hash = /^ {2}anne:viewer:(\S+)$/m.exec(stdout)?.[1] ?? '';
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(stdout).not.toContain('correct horse');
  });

  it('generates a password and prints it, as JSON', async () => {
    const { stdout } = await run(['users', 'anne', '--role', 'admin', '--generate', '--json']);
    const { name, role, password, entry } = JSON.parse(stdout);
    expect({ name, role }).toEqual({ name: 'anne', role: 'admin' });
    expect(await verifyPassword(password, entry.slice('anne:admin:'.length))).toBe(true);
  });

  it.each([
    { args: ['users'], why: "Missing required argument 'name'" },
    { args: ['users', 'anne:admin'], why: 'letters, digits' },
    { args: ['users', 'anne', '--role', 'root'], why: 'viewer, operator, admin' },
    { args: ['users', 'anne', '--password', 'x'], why: "'--password'" },
    { args: ['users', 'anne'], why: 'A password is missing' },
    { args: ['users', 'anne'], stdin: 'short\n', why: '12 to 256 characters' },
  ])('rejects $args: $why', async ({ args, stdin, why }) => {
    const { code, stdout, stderr } = await run(args, { ...(stdin !== undefined && { stdin }) });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toContain('posthouse users entry --help shows what is possible.');
  });
});

describe('users in Redis', () => {
  const redis = new RedisProcess();
  const secret = 'e'.repeat(64);
  let connection: RequestConnection;
  beforeAll(async () => {
    await redis.start();
    connection = new RequestConnection(redis.url, new Sealer(sealKeys(secret)), patientDurations(), () => undefined);
    await connection.start();
    await connection.whenReady();
  });
  afterAll(async () => {
    await connection.stop();
    await redis.stop();
  });
  const users = (args: string[], stdin = '') => run(['users', ...args], { stdin, env: { REDIS_URL: redis.url, POSTHOUSE_SECRET: secret } });

  it('are made, listed, changed, signed out and removed', async () => {
    const directory = new UserDirectory(connection);
    const sessions = new Sessions(connection);
    expect((await users(['list'])).stdout).toBe('There are no users in Redis. Users in DASHBOARD_USERS are not listed.\n');
    const created = await users(['create', 'anne', '--role', 'admin'], 'correct horse\n');
    expect(created).toEqual({ code: 0, stderr: '', stdout: 'anne can sign in to the dashboard as admin.\n' });
    const anne = await directory.find('anne');
    expect(anne).toMatchObject({ role: 'admin', isTemporary: false });
    expect(await verifyPassword('correct horse', anne?.hash)).toBe(true);
    expect(await users(['create', 'anne'], 'correct horse\n')).toMatchObject({ code: 1, stderr: expect.stringContaining('anne already') });

    const session = { name: 'anne', roleSource: 'users', proof: '', address: '', browser: '' } as const;
    await sessions.open(session);
    const reset = JSON.parse((await users(['password', 'anne', '--generate', '--json'])).stdout);
    expect(await verifyPassword(reset.password, (await directory.find('anne'))?.hash)).toBe(true);
    expect(await sessions.list()).toEqual([]);
    await sessions.open(session);
    expect((await users(['sign-out', 'anne'])).stdout).toBe('Sessions of anne that have ended: 1.\n');
    await sessions.open({ ...session, name: 'oidc:anne@example.com' });
    expect((await users(['sign-out', 'oidc:anne@example.com'])).stdout).toContain('have ended: 1.');
    const [ended] = (await new AuditLog(connection).page(1)).entries;
    expect(ended).toMatchObject({ role: 'command line', action: 'end sessions', target: 'oidc:anne@example.com', detail: '1 ended' });

    // The command line may do this with the last admin.
    expect((await users(['role', 'anne', '--role', 'viewer'])).stdout).toBe('anne is now viewer.\n');
    expect((await users(['list'])).stdout).toBe('anne: viewer; not signed in yet; has to choose a password\n');
    const [listed] = JSON.parse((await users(['list', '--json'])).stdout);
    expect(Object.keys(listed).sort()).toEqual(['createdAt', 'createdBy', 'isTemporary', 'name', 'role']);
    expect((await users(['remove', 'anne'])).code).toBe(0);
    expect(await directory.count()).toBe(0);
  });

  it.each([
    { args: ['role', 'anne'], exitCode: 2, why: "'--role <role>' not specified" },
    { args: ['remove', 'anne'], exitCode: 1, why: 'There is no user of the name anne in Redis' },
    { args: ['list', 'anne'], exitCode: 2, why: "Too many arguments for 'list'" },
    { args: ['create', 'anne'], stdin: 'short\n', exitCode: 2, why: '12 to 256 characters' },
  ])('$args is refused: $why', async ({ args, stdin, exitCode, why }) => {
    const { code, stdout, stderr } = await users(args, stdin);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('    at ');
  });
});
