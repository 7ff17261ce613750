/** The details of a mail: its ids, times, template and policy. */
import type { MailRecord, Priority } from '@posthouse/contract';
import { Fact, Facts } from '@posthouse/web';
import { CopyButton } from '../ui/copy-button.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark } from '../ui/paused-mark.tsx';
import { t, text } from '../ui/translate.ts';
import { mailsUrl } from './mail-search.ts';

const priorityLabels: Record<Priority, string> = { high: text('high'), normal: text('normal'), low: text('low') };

export function MailDetails({ context, record }: { context: PageContext; record: MailRecord }): JSX.Element {
  const { template, locale = '', templatesHash, renderedHash, priority, tags, receipt } = record;
  const { createdAt, dueAt, expiresAt, endedAt, onUncertain } = record;
  return (
    <Facts>
      <CodeFact name={t('Mail id')} code={record.id} isCopied />
      <CodeFact name={t('Message-ID')} code={record.messageId} isCopied />
      {receipt !== undefined && <CodeFact name={t('Server reply')} code={receipt.response} isCopied />}
      {record.copyOf !== undefined && (
        <Fact name={t('Copy of')}>
          <a class="code" href={`/mails/${encodeURIComponent(record.copyOf)}`} safe>
            {record.copyOf}
          </a>
        </Fact>
      )}
      <TextFact name={t('API key')} text={record.apiKey} />
      <TimeFact context={context} name={t('Received')} at={createdAt} />
      {dueAt !== createdAt && <TimeFact context={context} name={t('Scheduled for')} at={dueAt} />}
      {endedAt === undefined ? (
        <TimeFact context={context} name={t('Expires')} at={expiresAt} />
      ) : (
        <TimeFact context={context} name={t('Finished')} at={endedAt} />
      )}
      <Fact name={t('Template')}>
        <span class="row tight">
          <span safe>{template === undefined ? t('Custom content') : `${template}, ${locale}`}</span>
          <PausedMark context={context} scope="template" name={template} />
        </span>
      </Fact>
      {templatesHash !== undefined && <CodeFact name={t('Template version (accepted)')} code={templatesHash} />}
      {renderedHash !== undefined && <CodeFact name={t('Template version (sent)')} code={renderedHash} />}
      <TextFact name={t('Priority')} text={t(priorityLabels[priority])} />
      {tags.length > 0 && (
        <Fact name={t('Tags')}>
          <span class="row">
            {tags.map((tag) => (
              <>
                <a href={mailsUrl({ tag })} safe>
                  {tag}
                </a>
                <PausedMark context={context} scope="tag" name={tag} />
              </>
            ))}
          </span>
        </Fact>
      )}
      <TextFact
        name={t('If delivery is unknown')}
        text={onUncertain === 'hold' ? t('wait for a user to decide') : t('send again with the same Message-ID')}
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

/** An id or a code, in the monospace font. @param isCopied has a button that copies it */
export function CodeFact({ name, code, isCopied = false }: { name: string; code: string; isCopied?: boolean }): JSX.Element {
  return (
    <Fact name={name}>
      <span class="code" safe>
        {code}
      </span>{' '}
      {isCopied && <CopyButton name={name} value={code} />}
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
