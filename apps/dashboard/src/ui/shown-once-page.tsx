/** The page that shows a secret in the one answer that has it; nothing keeps it. */
import { Notice, PageHead } from '@posthouse/web';
import { Layout } from './layout.tsx';
import type { PageContext } from './page-context.ts';
import { t, text } from './translate.ts';

interface ShownOnceProps {
  context: PageContext;
  title: string;
  /** Path of the entry in the menu that the page belongs to. */
  here: '/keys' | '/users';
  /** What is shown. */
  noun: 'key' | 'password';
  secret: string;
  advice: string;
  /** Path of the page to go on to. */
  next: string;
}

export function ShownOncePage({ context, title, here, noun, secret, advice, next }: ShownOnceProps): JSX.Element {
  return (
    <Layout context={context} title={title} here={here}>
      <PageHead title={title} />
      <section class="card stack">
        <Notice
          tone="warn"
          title={t(
            noun === 'key' ? text('Copy the key now: it is not shown again.') : text('Copy the password now: it is not shown again.'),
          )}
        >
          <p safe>{advice}</p>
        </Notice>
        <pre class="panel code" tabindex="0" safe>
          {secret}
        </pre>
        <div class="row">
          <a class="button quiet" href={next} safe>
            {t('Done')}
          </a>
        </div>
      </section>
    </Layout>
  );
}
