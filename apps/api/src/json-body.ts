/** The body of a request: JSON in UTF-8, without an encoding around it. What is anything else is refused instead of taken for it. */
import { isUtf8 } from 'node:buffer';
import { IssueList, parseMediaType } from '@posthouse/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findJsonIssue } from './json-scan.ts';
import { malformedPart, Problem } from './problem.ts';
import { jsonIssue } from './request-advice.ts';

/** Lets the routes take JSON only. The headers are looked at before the body is read. */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('preParsing', (request, reply, _payload, done) => {
    done(encodingIssue(request, reply));
  });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request: FastifyRequest, body: Buffer, done) => {
    done(null, parseJson(body));
  });
}

/** @returns Problem 415, or null */
function encodingIssue({ headers }: FastifyRequest, reply: FastifyReply): Problem | null {
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding !== 'identity') {
    // RFC 9110 section 12.5.3: what would be accepted.
    reply.header('accept-encoding', 'identity');
    return new Problem('unsupported-media-type', 'Send the body as it is, without Content-Encoding.');
  }
  const charset =
    parseMediaType(headers['content-type'] ?? '')
      ?.parameters.get('charset')
      ?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8')
    return new Problem('unsupported-media-type', 'Send the body in UTF-8, and leave out `charset`.');
  return null;
}

/** @returns undefined for an empty body: many clients name a type where they send nothing. @throws Problem 400 */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw malformed('is not UTF-8');
  const text = body.toString().replace(/^\ufeff/, '');
  const issue = findJsonIssue(text);
  if (issue !== undefined) throw malformedPart('body', new IssueList([issue]));
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    throw malformed(jsonIssue(text, position === undefined ? undefined : Number(position)));
  }
}

function malformed(message: string): Problem {
  return malformedPart('body', new IssueList([{ pointer: '', message, code: 'not-json' }]));
}
