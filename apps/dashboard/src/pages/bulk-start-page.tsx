/** Bulk work before it starts: what it will do, to how many mails, and how fast. */
import { limits } from '@posthouse/contract';
import type { MailCount } from '@posthouse/queue';
import { type BulkWish, writeBulkWish } from '../bulk-wish.ts';
import { mailsUrl } from '../mail-search.ts';
import type { Reader } from '../reader.ts';
import { countWords, scopeWords } from './bulk-words.tsx';
import { EmptyState } from './empty-state.tsx';
import { Fact, Facts } from './facts.tsx';
import { TextField } from './field.tsx';
import { Layout, PageHead } from './layout.tsx';

/** What is looked over. */
export interface BulkStartProps {
  reader: Reader;
  wish: BulkWish;
  estimate: MailCount;
  /** As it was typed. */
  pace: string;
  /** The pace is none. */
  isFaulty?: boolean;
}

/** The whole page. */
export function BulkStartPage(props: BulkStartProps): JSX.Element {
  const { reader, wish, estimate } = props;
  return (
    <Layout reader={reader} title={`${wish.choice.word}: look it over`} here="/bulk">
      <PageHead title={`${wish.choice.word}: ${countWords(estimate)}`} below={`This ${wish.choice.does}.`} />
      {estimate.mails === 0 && estimate.exact ? (
        <section class="card">
          <EmptyState title="There is nothing to do">
            <p class="soft">None of these mails is in a state in which this would change it.</p>
            <a class="button quiet" href="/mails">
              Go to the mails
            </a>
          </EmptyState>
        </section>
      ) : (
        <StartForm {...props} />
      )}
    </Layout>
  );
}

function StartForm({ reader, wish, estimate, pace, isFaulty = false }: BulkStartProps): JSX.Element {
  const { choice, scope } = wish;
  const { least, most } = limits.bulkPace;
  const range = `A whole number from ${least} to ${most}`;
  return (
    <form class="card stack" method="post" action="/bulk">
      <Facts>
        <Fact name="Mails">
          <span safe>{scopeWords(reader, scope)}</span> {'filter' in scope && <a href={mailsUrl(scope.filter)}>See them</a>}
        </Fact>
        <Fact name="Left alone">
          <span>Mails that are in another state when their turn comes, and mails that are accepted from now on</span>
        </Fact>
      </Facts>
      {writeBulkWish(wish).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <div class="fields">
        <TextField
          name="perSecond"
          label="Mails a second, at the most"
          type="number"
          value={pace}
          required
          {...(isFaulty ? { fault: range } : { hint: range })}
        />
      </div>
      <div class="row">
        <button type="submit" class={['button', choice.action === 'cancel' && 'danger']} safe>
          {`${choice.word}: ${countWords(estimate)}`}
        </button>
        <a class="button quiet" href={'filter' in scope ? mailsUrl(scope.filter) : '/mails'}>
          Leave it
        </a>
      </div>
    </form>
  );
}
