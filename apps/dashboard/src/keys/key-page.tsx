/** The page of one API key, and the confirmation of a revocation. */

import { formatKeyRights } from '@posthouse/access';
import { hour } from '@posthouse/contract';
import type { ApiKeyInfo } from '@posthouse/queue';
import { ChoiceField, Fact, Facts, PageHead, TextField } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { When, WhenBy } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { RemovalPage } from '../ui/removal-page.tsx';
import { t, text } from '../ui/translate.ts';
import { type KeyForm, rightsHint } from './key-list-page.tsx';

/** How long the previous text of a rotated key can stay valid. */
export const overlaps = [
  { value: '24h', label: text('for 24 hours'), ms: 24 * hour },
  { value: '7d', label: text('for 7 days'), ms: 7 * 24 * hour },
  { value: '1h', label: text('for an hour'), ms: hour },
  { value: '0', label: text('not at all'), ms: 0 },
] as const;

/** @param form as it was entered, where it was invalid */
export function KeyPage({ context, info, form }: { context: PageContext; info: ApiKeyInfo; form?: KeyForm }): JSX.Element {
  const { name, rights, createdAt, createdBy, usedAt, hashes } = info;
  const until = hashes.find((hash) => (hash.until ?? 0) > Date.now())?.until;
  return (
    <Layout context={context} title={t('API key {name}', { name })} here="/keys">
      <PageHead title={t('API key {name}', { name })} />
      <section class="card">
        <Facts>
          <Fact name={t('Created')}>
            <WhenBy context={context} at={createdAt} by={createdBy} />
          </Fact>
          <Fact name={t('Last used')}>
            {usedAt === undefined ? <span safe>{t('not used yet')}</span> : <When context={context} at={usedAt} />}
          </Fact>
          {until !== undefined && (
            <Fact name={t('The previous key ends')}>
              <When context={context} at={until} />
            </Fact>
          )}
          <Fact name={t('Mails')}>
            <a href={mailsUrl({ apiKey: name })} safe>
              {t('Show mails')}
            </a>
          </Fact>
        </Facts>
      </section>
      <form class="card stack" method="post" action={`/keys/${name}/rights`}>
        <h2 safe>{t('Rights')}</h2>
        <TextField
          name="rights"
          label={t('This key may')}
          value={form?.rights ?? formatKeyRights(rights)}
          hint={t(rightsHint)}
          error={form?.rightsError}
          required
        />
        <div class="row">
          <button type="submit" class="button" safe>
            {t('Save')}
          </button>
        </div>
      </form>
      <form class="card stack" method="post" action={`/keys/${name}/rotate`}>
        <h2 safe>{t('Rotate')}</h2>
        <p class="muted" safe>
          {t('The key gets a new text. Its name, rights and mails stay.')}
        </p>
        <ChoiceField
          name="overlap"
          label={t('The present key stays valid')}
          choices={overlaps.map(({ value, label }) => ({ value, label: t(label) }))}
          value="24h"
        />
        <div class="row">
          <button type="submit" class="button quiet" safe>
            {t('Rotate')}
          </button>
          <a class="button danger" href={`/keys/${name}/revoke`} safe>
            {t('Revoke…')}
          </a>
        </div>
      </form>
    </Layout>
  );
}

export function RevokePage({ context, name }: { context: PageContext; name: string }): JSX.Element {
  return (
    <RemovalPage
      context={context}
      here="/keys"
      title={t('Revoke the API key {name}?', { name })}
      effect={t('Requests with it are refused from then on. Mails that it has sent stay, and those that wait are sent.')}
      action={`/keys/${name}/revoke`}
      label={t('Revoke')}
      back={`/keys/${name}`}
    />
  );
}
