/** A mail whose record cannot be opened here: what stands in it in clear. */

import type { MailSummary } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead } from '@posthouse/web';
import type { ActionFlash } from '../flash-cookie.ts';
import type { PageContext } from '../page-context.ts';
import { StateBadge } from './badge.tsx';
import { Layout } from './layout.tsx';
import { ActionForms, ActionNotice } from './mail-action-forms.tsx';
import { CodeFact, TimeFact } from './mail-facts.tsx';
import { Reason } from './reason.tsx';

/** The whole page. @param flash what came of a wish that led here */
export function SealedMailPage({
  context,
  mail,
  flash,
}: {
  context: PageContext;
  mail: MailSummary;
  flash?: ActionFlash | undefined;
}): JSX.Element {
  const { id, state, reason, fault = 'it could not be opened just now', template, provider } = mail;
  const { createdAt, nextAttemptAt, endedAt, attemptCount } = mail;
  const title = 'A mail that cannot be opened';
  return (
    <Layout context={context} title={title} here="/mails">
      <PageHead title={title} />
      {flash !== undefined && <ActionNotice {...flash} state={state} />}
      <Notice tone="bad" title="Its record cannot be opened here.">
        <p safe>{`${fault}. What stands here is what the record has in clear.`}</p>
      </Notice>
      <section class="card stack" aria-label="State">
        <p class="row">
          <StateBadge state={state} />
          {reason !== undefined && <Reason reason={reason} />}
        </p>
        <ActionForms context={context} mail={mail} />
      </section>
      <section class="card">
        <h2>Facts</h2>
        <Facts>
          <CodeFact name="Mail id" code={id} />
          <TimeFact context={context} name="Asked for" at={createdAt} />
          {nextAttemptAt !== undefined && <TimeFact context={context} name="Next try" at={nextAttemptAt} />}
          {endedAt !== undefined && <TimeFact context={context} name="Ended" at={endedAt} />}
          {template !== undefined && (
            <Fact name="Template">
              <span safe>{template}</span>
            </Fact>
          )}
          {provider !== undefined && (
            <Fact name="Provider">
              <span safe>{provider}</span>
            </Fact>
          )}
          <Fact name="Attempts">{attemptCount}</Fact>
        </Facts>
      </section>
    </Layout>
  );
}
