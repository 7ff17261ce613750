/**
 * A Python client, generated from docs/openapi.json by OpenAPI Generator, sends a mail. It needs Java and Python, so it is not part of
 * `npm test`: `npm run test:clients` runs it, and sets POSTHOUSE_CLIENT_GENERATOR to the generator.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiFixture, key } from './api-fixture.ts';

const document = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));
const api = new ApiFixture();
let dir: string;
let url: string;
beforeAll(async () => {
  await api.start();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  dir = await mkdtemp(join(tmpdir(), 'posthouse-python-'));
});
afterAll(async () => {
  await api.stop();
  await rm(dir, { recursive: true });
});

/** Run a program; its output is in the error where it fails. */
const run = (program: string, args: string[], env: NodeJS.ProcessEnv = process.env) =>
  promisify(execFile)(program, args, { cwd: dir, env, maxBuffer: 2 ** 26 });

const program = `
import json, os, posthouse
from posthouse.api.mails_api import MailsApi

configuration = posthouse.Configuration(host=os.environ['POSTHOUSE_URL'])
configuration.access_token = os.environ['POSTHOUSE_KEY']
mails = MailsApi(posthouse.ApiClient(configuration))
mail = posthouse.Mail(
    to=[posthouse.Mailbox(name='Anne', address='anne@example.net'), 'Bo <bo@example.net>'],
    template='signup',
    locale='en',
    data={'nickname': 'Anne', 'email': 'anne@example.net'},
    tags=['welcome'],
)
sent = mails.send_mail(mail, idempotency_key='signup:42')
again = mails.send_mail(mail, idempotency_key='signup:42')
found = mails.get_mail(sent.id)
page = mails.list_mails(state=['queued', 'sent'], limit=1)
cancelled = mails.cancel_mail(sent.id)
try:
    mails.send_mail(posthouse.Mail(to='anne', template='signup'))
except posthouse.ApiException as error:
    problem = json.loads(error.body)
print(json.dumps({
    'id': sent.id, 'again': again.id, 'listed': [listed.id for listed in page.mails], 'attempts': page.mails[0].attempt_count,
    'found': [recipient.address for recipient in found.recipients], 'cancelled': cancelled.state, 'problem': problem['code'], 'issues': [issue['code'] for issue in problem['issues']],
}))
`;

it('is generated and used', async () => {
  const generator = process.env['POSTHOUSE_CLIENT_GENERATOR'] ?? '';
  await run('java', ['-jar', generator, 'generate', '-g', 'python', '-i', document, '-o', dir, '--package-name', 'posthouse']);
  await writeFile(join(dir, 'send.py'), program);
  const { stdout } = await run('python3', ['send.py'], { PATH: process.env['PATH'], POSTHOUSE_URL: url, POSTHOUSE_KEY: key });
  const { id, again, listed, ...seen } = JSON.parse(stdout);
  expect([again, listed]).toEqual([id, [id]]);
  expect(seen).toEqual({
    found: ['anne@example.net', 'bo@example.net'],
    attempts: 0,
    cancelled: 'cancelled',
    problem: 'malformed-request',
    issues: ['wrong-format'],
  });
  expect((await api.get(`/v1/mails/${id}`)).json()).toMatchObject({
    state: 'cancelled',
    tags: ['welcome'],
    recipients: [{ address: 'anne@example.net' }, { address: 'bo@example.net' }],
  });
});

it('the patterns of the document are those of Python too', async () => {
  const source = `
import json, re, sys
count = 0
def compile_all(value):
    global count
    if isinstance(value, dict):
        if isinstance(value.get('pattern'), str):
            re.compile(value['pattern'])
            count += 1
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            compile_all(inner)
compile_all(json.load(open(sys.argv[1])))
print(count)
`;
  expect(Number((await run('python3', ['-c', source, document])).stdout)).toBeGreaterThan(5);
});
