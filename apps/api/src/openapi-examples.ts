/** A request and an answer of each route, for the OpenAPI document. A test sends the requests, and compares the answers with real ones. */
import type { Mail } from '@posthouse/contract';
import type { MailView } from './mail-view.ts';
import { type ProblemCode, problems, problemType } from './problem.ts';

interface Examples {
  /** The body of a request. */
  request?: object;
  /** The body of its answer. */
  response: object | string;
  /** Where the answers of several statuses are JSON and no problem. */
  responses?: Record<string, object>;
}

const id = '0193a5b2-7c41-7e3a-9f60-2b8d1c4e5a77';
const requestId = '0b9c6d1e-2f3a-4b5c-8d7e-9f0a1b2c3d4e';

const startedAt = '2026-11-22T09:00:00.012Z';
const sentAt = '2026-11-22T09:00:00.412Z';
const attemptMs = Date.parse(sentAt) - Date.parse(startedAt);

const signUp: Mail = {
  to: { name: 'Anne', address: 'anne@example.com' },
  template: 'signup',
  locale: 'en',
  data: { nickname: 'Anne', email: 'anne@example.com' },
  tags: ['welcome'],
};
const receipt: Mail = {
  to: ['anne@example.com', 'Bo <bo@example.com>'],
  content: { subject: 'Your receipt', text: 'Thank you for your order.' },
  priority: 'high',
};
const listed = {
  id,
  state: 'sent',
  partial: false,
  template: 'signup',
  locale: 'en',
  priority: 'normal',
  tags: ['welcome'],
  createdAt: '2026-11-22T09:00:00.000Z',
  dueAt: '2026-11-22T09:00:00.000Z',
  endedAt: sentAt,
  recipients: [{ address: 'anne@example.com', kind: 'to', state: 'accepted', at: sentAt, provider: 'relay' }],
  attemptCount: 1,
  deferralCount: 0,
} as const;
const record: MailView = {
  ...listed,
  tags: [...listed.tags],
  recipients: [...listed.recipients],
  messageId: `<${id}@example.com>`,
  apiKey: 'signup-service',
  templatesHash: '5e1d0c7b9a3f2e48',
  expiresAt: '2026-11-25T09:00:00.000Z',
  onUncertain: 'resend',
  from: { name: 'Posthouse', address: 'hello@example.com' },
  attempts: [
    {
      number: 1,
      verdict: 'ACCEPT',
      at: startedAt,
      durationMs: attemptMs,
      provider: 'relay',
      reason: '250 2.0.0',
      steps: [{ atMs: attemptMs, command: 'DATA', reply: '250 2.0.0 Ok: queued as 4D2F' }],
      outcomes: [{ address: 'anne@example.com', verdict: 'ACCEPT', reason: '250 2.1.5', code: 250, enhancedCode: '2.1.5' }],
    },
  ],
  receipt: { at: sentAt, provider: 'relay', response: '250 2.0.0 Ok: queued as 4D2F', accepted: ['anne@example.com'] },
  contentState: 'reduced',
  contentUntil: '2026-11-29T09:00:00.412Z',
};

/** By operation. */
export const examples: Readonly<Record<string, Examples>> = {
  sendMail: { request: signUp, response: { id, state: 'queued', locale: 'en' } },
  sendBatch: {
    request: { mails: [signUp, receipt] },
    response: {
      results: [
        { id, state: 'queued', locale: 'en' },
        { id: '0193a5b2-7c42-7b10-8a55-6f2e9d3c1b08', state: 'queued' },
      ],
    },
  },
  getMail: { response: record },
  listMails: {
    response: { mails: [{ ...listed, provider: 'relay', verdict: 'ACCEPT', reason: '250 2.0.0' }], next: 'MTczMjI2NjAwMDAwMA' },
  },
  cancelMail: { response: { id, state: 'cancelled' } },
  retryMail: { response: { id, state: 'queued' } },
  copyMail: {
    request: { to: 'anne@example.com' },
    response: { id: '0193a5b2-7c43-7d21-9b66-7a3f0e4d2c19', state: 'queued', locale: 'en' },
  },
  sendMailNow: { response: { id, state: 'queued' } },
  rescheduleMail: { request: { scheduledAt: '2026-11-23T09:00:00Z' }, response: { id, state: 'scheduled' } },
  resolveMail: { request: { outcome: 'delivered' }, response: { id, state: 'sent' } },
  listTemplates: {
    response: {
      hash: '5e1d0c7b9a3f2e48',
      templates: [
        {
          name: 'signup',
          subject: 'Welcome, {{nickname}}',
          locales: ['en', 'ko'],
          schema: {
            type: 'object',
            required: ['nickname', 'email'],
            additionalProperties: false,
            properties: { nickname: { type: 'string' }, email: { type: 'string', format: 'email' } },
          },
          samples: { default: { nickname: 'Anne', email: 'anne@example.com' } },
        },
      ],
    },
  },
  getMetrics: {
    response: `# HELP posthouse_workers Workers with a current heartbeat.
# TYPE posthouse_workers gauge
posthouse_workers 1
`,
  },
  getScale: { response: { mails: 60, due: 52, inProgress: 8, workers: 1, paused: false } },
  checkLive: { response: { status: 'ok' } },
  checkReady: {
    response: { status: 'ok', redis: 'ok', templateSet: 'ok' },
    responses: {
      200: { status: 'ok', redis: 'ok', templateSet: 'ok' },
      503: { status: 'unavailable', redis: 'unreachable', templateSet: 'ok', detail: 'Redis cannot be reached' },
    },
  },
};

/** The problem of the first code with this status. */
export function problemExample(status: number): object {
  const [code, { title }] = Object.entries(problems).find(([, problem]) => problem.status === status) as [ProblemCode, { title: string }];
  const issues = { 400: [missing('/to')], 413: [tooLarge], 422: [missing('/data/email')] }[status];
  return { type: problemType(code), title, status, code, detail: detailOf(status), requestId, ...(issues !== undefined && { issues }) };
}

const tooLarge = { pointer: '/content', code: 'too-large', message: 'has 1048577 bytes; at most 1048576 are allowed' };

function missing(pointer: string): object {
  return { pointer, code: 'missing', message: 'is missing' };
}

function detailOf(status: number): string {
  if (status === 404) return 'No mail has this id. Its record may have expired.';
  return [400, 413, 422].includes(status) ? 'Nothing was accepted: see issues.' : 'What is wrong with this request, and what to do.';
}
