/** The details of a mail: its ids, times, template and policy. */
import type { MailRecord } from '@posthouse/contract';
import { Fact, Facts } from '@posthouse/web';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { mailsUrl } from './mail-search.ts';

export function MailDetails({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  const { template, locale = '', templatesHash, renderedHash, priority, tags, receipt } = record;
  const { createdAt, dueAt, expiresAt, endedAt, onUncertain } = record;
  return (
    <Facts>
      <CodeFact name="Mail id" code={record.id} />
      <CodeFact name="Message-ID" code={record.messageId} />
      {receipt !== undefined && <CodeFact name="Server reply" code={receipt.response} />}
      <TextFact name="API key" text={record.apiKey} />
      <TimeFact context={context} name="Received" at={createdAt} />
      {dueAt !== createdAt && <TimeFact context={context} name="Scheduled for" at={dueAt} />}
      {endedAt === undefined ? (
        <TimeFact context={context} name="Expires" at={expiresAt} />
      ) : (
        <TimeFact context={context} name="Finished" at={endedAt} />
      )}
      <TextFact name="Template" text={template === undefined ? 'Custom content' : `${template}, ${locale}`} />
      {templatesHash !== undefined && <CodeFact name="Template version (accepted)" code={templatesHash} />}
      {renderedHash !== undefined && <CodeFact name="Template version (sent)" code={renderedHash} />}
      <TextFact name="Priority" text={priority} />
      {tags.length > 0 && (
        <Fact name="Tags">
          <span class="row">
            {tags.map((tag) => (
              <a href={mailsUrl({ tag })} safe>
                {tag}
              </a>
            ))}
          </span>
        </Fact>
      )}
      <TextFact
        name="If delivery is unknown"
        text={onUncertain === 'hold' ? 'wait for a user to decide' : 'send again with the same Message-ID'}
      />
    </Facts>
  );
}

export function TextFact({ name, text }: { name: string; text: string }): JSX.Element {
  return (
    <Fact name={name}>
      <span safe>{text}</span>
    </Fact>
  );
}

/** An id or a code, in the monospace font. */
export function CodeFact({ name, code }: { name: string; code: string }): JSX.Element {
  return (
    <Fact name={name}>
      <span class="code" safe>
        {code}
      </span>
    </Fact>
  );
}

/** @param at ms since the epoch */
export function TimeFact({ context, name, at }: { context: PageContext; name: string; at: number }): JSX.Element {
  return (
    <Fact name={name}>
      <When context={context} at={at} />
    </Fact>
  );
}
