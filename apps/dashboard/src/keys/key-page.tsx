/** The page of one API key, and the confirmation of a revocation. */
import { formatKeyRights } from '@posthouse/access';
import type { ApiKeyInfo } from '@posthouse/queue';
import { ChoiceField, Fact, Facts, PageHead, TextField } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { When, WhenBy } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { type KeyForm, rightsHint } from './key-list-page.tsx';

const hour = 3_600_000;

/** How long the previous text of a rotated key can stay valid. */
export const overlaps = [
  { value: '24h', label: 'for 24 hours', ms: 24 * hour },
  { value: '7d', label: 'for 7 days', ms: 7 * 24 * hour },
  { value: '1h', label: 'for an hour', ms: hour },
  { value: '0', label: 'not at all', ms: 0 },
] as const;

/** @param form as it was entered, where it was invalid */
export function KeyPage({ context, info, form }: { context: PageContext; info: ApiKeyInfo; form?: KeyForm }): JSX.Element {
  const { name, rights, createdAt, createdBy, usedAt, hashes } = info;
  const until = hashes.find((hash) => (hash.until ?? 0) > Date.now())?.until;
  return (
    <Layout context={context} title={`API key ${name}`} here="/keys">
      <PageHead title={`API key ${name}`} />
      <section class="card">
        <Facts>
          <Fact name="Created">
            <WhenBy context={context} at={createdAt} by={createdBy} />
          </Fact>
          <Fact name="Last used">{usedAt === undefined ? <span>not used yet</span> : <When context={context} at={usedAt} />}</Fact>
          {until !== undefined && (
            <Fact name="The previous key ends">
              <When context={context} at={until} />
            </Fact>
          )}
          <Fact name="Mails">
            <a href={mailsUrl({ apiKey: name })}>Show mails</a>
          </Fact>
        </Facts>
      </section>
      <form class="card stack" method="post" action={`/keys/${name}/rights`}>
        <h2>Rights</h2>
        <TextField
          name="rights"
          label="This key may"
          value={form?.rights ?? formatKeyRights(rights)}
          hint={rightsHint}
          error={form?.rightsError}
          required
        />
        <div class="row">
          <button type="submit" class="button">
            Save
          </button>
        </div>
      </form>
      <form class="card stack" method="post" action={`/keys/${name}/rotate`}>
        <h2>Rotate</h2>
        <p class="muted">The key gets a new text. Its name, rights and mails stay.</p>
        <ChoiceField name="overlap" label="The present key stays valid" choices={overlaps} value="24h" />
        <div class="row">
          <button type="submit" class="button quiet">
            Rotate
          </button>
          <a class="button danger" href={`/keys/${name}/revoke`}>
            Revoke…
          </a>
        </div>
      </form>
    </Layout>
  );
}

export function RevokePage({ context, name }: { context: PageContext; name: string }): JSX.Element {
  const title = `Revoke the API key ${name}?`;
  return (
    <Layout context={context} title={title} here="/keys">
      <PageHead
        title={title}
        below="Requests with it are refused from then on. Mails that it has sent stay, and those that wait are sent."
      />
      <form class="card row" method="post" action={`/keys/${name}/revoke`}>
        <button type="submit" class="button danger">
          Revoke
        </button>
        <a class="button quiet" href={`/keys/${name}`}>
          Cancel
        </a>
      </form>
    </Layout>
  );
}
