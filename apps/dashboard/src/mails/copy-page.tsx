/** The confirmation of a copy: what is sent, to whom, who has sent one already; or why no copy can be sent. */
import type { MailRecord } from '@posthouse/contract';
import { copyAction } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead, TextField } from '@posthouse/web';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { Text, t, text } from '../ui/translate.ts';
import { RecipientNames } from './confirm-page.tsx';
import { copyLabel } from './mail-actions.ts';
import { mailTitle } from './mail-page.tsx';

/** Why the copy that a form asked for was not sent, beside the refusals of `newCopy`. */
export type CopyProblem = 'content-incomplete' | 'sensitive-content' | 'template-unusable' | 'copied-meanwhile';

/** What is confirmed. */
export interface CopyPageProps {
  context: PageContext;
  record: MailRecord;
  /** Its copies so far, newest first. */
  copies: readonly MailRecord[];
  /** A content with sensitive values goes to recipients of the mail only. */
  isSensitive: boolean;
  problem?: CopyProblem | undefined;
  /** The recipients as they were entered; by default those of the mail. */
  to?: string;
  toError?: string | undefined;
}

const problems: Record<CopyProblem, { title: string; advice: string }> = {
  'content-incomplete': {
    title: text('No copy can be sent: the content was not kept completely.'),
    advice: text(
      'Sensitive values and attachments are deleted once a mail is sent. If it is needed again, the application must request it.',
    ),
  },
  'sensitive-content': {
    title: text('Nothing was sent: the content has sensitive values.'),
    advice: text('Such a copy goes to recipients of the mail only. The application must request a mail to another address.'),
  },
  'template-unusable': {
    title: text('No copy can be sent: the template has changed or is gone.'),
    advice: text('Its present version does not take the data of this mail. The application must request the mail again.'),
  },
  'copied-meanwhile': {
    title: text('Nothing was sent: somebody else has sent a copy in the meantime.'),
    advice: text('It is listed below. If another one is needed all the same, confirm again.'),
  },
};

/** The form names the newest copy that its page showed, so that of two users who confirm the same page only one sends a copy. */
export function CopyPage({ context, record, copies, isSensitive, problem, to, toError }: CopyPageProps): JSX.Element {
  const { id, recipients } = record;
  const title = t('Send a copy of this mail?');
  const isPossible = problem !== 'content-incomplete' && problem !== 'template-unusable';
  return (
    <Layout context={context} title={title} here="/mails">
      <PageHead title={title} below={mailTitle(record)} />
      {problem !== undefined && (
        <Notice tone="warn" title={t(problems[problem].title)}>
          <p safe>{t(problems[problem].advice)}</p>
        </Notice>
      )}
      {copies.length > 0 && <EarlierCopies context={context} copies={copies} />}
      <form class="card stack" method="post" action={`/mails/${id}/${copyAction}`}>
        {isPossible && (
          <>
            <p safe>
              {t(
                'A new mail with the same content is sent, with an id and a Message-ID of its own. This mail and its history stay as they are.',
              )}
            </p>
            {isSensitive ? (
              <Facts>
                <Fact name={t('Recipients')}>
                  <RecipientNames recipients={recipients} />
                  <p class="muted" safe>
                    {t(
                      'The content has sensitive values, so the copy goes to these recipients only and no address can be corrected. The application must request a mail to another address.',
                    )}
                  </p>
                </Fact>
              </Facts>
            ) : (
              <TextField
                name="to"
                label={t('To {count, plural, one {# recipient} other {# recipients}}', { count: recipients.length })}
                value={to ?? recipientsText(record)}
                hint={t(
                  'Correct an address here; separate several with commas. The content stays as it is, also where it has the address.',
                )}
                error={toError}
                required
              />
            )}
            <input type="hidden" name="after" value={copies[0]?.id ?? ''} />
          </>
        )}
        <div class="row">
          {isPossible && (
            <button type="submit" class="button" safe>
              {t(copyLabel)}
            </button>
          )}
          <a class="button quiet" href={`/mails/${id}`} safe>
            {t('Go back')}
          </a>
        </div>
      </form>
    </Layout>
  );
}

/** All recipients, as the form has them. */
export function recipientsText({ recipients }: Pick<MailRecord, 'recipients'>): string {
  return recipients.map(({ address }) => address).join(', ');
}

function EarlierCopies({ context, copies }: { context: PageContext; copies: readonly MailRecord[] }): JSX.Element {
  return (
    <Notice tone="warn" title={t('{count, plural, one {A copy was} other {# copies were}} sent before.', { count: copies.length })}>
      <ul>
        {copies.map((copy) => (
          <li>
            <a href={`/mails/${copy.id}`}>
              <Text of="To {addresses}" values={{ addresses: recipientsText(copy) }} />
            </a>{' '}
            <When context={context} at={copy.createdAt} />{' '}
            <span class="muted" safe>
              {t('by {who}', { who: copierOf(copy) })}
            </span>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** Who has a copy sent; empty where its record does not say. */
function copierOf({ actions = [] }: Pick<MailRecord, 'actions'>): string {
  return actions.find(({ action }) => action === copyAction)?.who ?? '';
}
