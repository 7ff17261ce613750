/** What is known of a mail beside its story. */

import type { MailRecord } from '@posthouse/contract';
import { Fact, Facts } from '@posthouse/web';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { When } from './when.tsx';

/** All of it. */
export function MailFacts({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  const { template, locale = '', templatesHash, renderedHash, priority, tags, receipt } = record;
  const { createdAt, dueAt, expiresAt, endedAt, onUncertain } = record;
  return (
    <Facts>
      <CodeFact name="Mail id" code={record.id} />
      <CodeFact name="Message-ID" code={record.messageId} />
      {receipt !== undefined && <CodeFact name="The relay said" code={receipt.response} />}
      <Fact name="API key">
        <span safe>{record.apiKey}</span>
      </Fact>
      <TimeFact context={context} name="Asked for" at={createdAt} />
      {dueAt !== createdAt && <TimeFact context={context} name="Due" at={dueAt} />}
      {endedAt === undefined ? (
        <TimeFact context={context} name="Expires" at={expiresAt} />
      ) : (
        <TimeFact context={context} name="Ended" at={endedAt} />
      )}
      <Fact name="Template">{template === undefined ? 'none: the caller wrote it' : <span safe>{`${template}, ${locale}`}</span>}</Fact>
      {templatesHash !== undefined && <CodeFact name="Accepted with set" code={templatesHash} />}
      {renderedHash !== undefined && <CodeFact name="Rendered with set" code={renderedHash} />}
      <Fact name="Priority">{priority}</Fact>
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
      <Fact name="When in doubt">{onUncertain === 'hold' ? 'held for a person to resolve' : 'sent again, with the same Message-ID'}</Fact>
    </Facts>
  );
}

/** In the words of a machine. */
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
