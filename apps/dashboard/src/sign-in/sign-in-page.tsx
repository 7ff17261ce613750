/** The sign-in form, after a rejected attempt with the reason above it. */
import { Notice, TextField } from '@posthouse/web';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import type { OidcSettings } from './oidc-settings.ts';

/** Why nobody was signed in, as English texts that the page translates. */
interface Rejection {
  /** What happened. */
  title: string;
  /** Why, or how to fix it. */
  advice?: string;
}

interface SignInPageProps {
  context: PageContext;
  /** The path to go to after sign-in. */
  next: string;
  /** What was typed before. */
  name?: string;
  /** Of the attempt that has just failed. */
  rejection?: Rejection;
  /** Single sign-on, where it is configured. */
  oidc?: OidcSettings | undefined;
  /** Whether nobody can sign in, because there is no user. */
  withoutUsers?: boolean;
}

export function SignInPage({ context, next, name = '', rejection, oidc, withoutUsers = false }: SignInPageProps): JSX.Element {
  return (
    <Layout context={context} title={t('Sign in')} assets={['sign-in.css']}>
      <form class="card sign-in" method="post" action="/login">
        <span class="lamp" aria-hidden="true"></span>
        <h1 safe>{t('Sign in')}</h1>
        {rejection !== undefined && (
          <Notice tone="bad" title={t(rejection.title)}>
            {rejection.advice !== undefined && <p safe>{t(rejection.advice)}</p>}
          </Notice>
        )}
        {withoutUsers && (
          <Notice tone="info" title={t('There are no users yet')}>
            <p safe>{t('Create the first one:')}</p>
            <pre class="panel code" tabindex="0">
              npm run users -- create anne --role admin
            </pre>
          </Notice>
        )}
        {oidc !== undefined && (
          <>
            {/* To the host that the provider returns to: the sign-in is in a cookie of that host. */}
            <a class="button" href={`${oidc.dashboardUrl}/login/oidc?next=${encodeURIComponent(next)}`} safe>
              {oidc.button}
            </a>
            <p class="or" safe>
              {t('or with a local user')}
            </p>
          </>
        )}
        <input type="hidden" name="next" value={next} />
        <TextField name="name" label={t('Name')} value={name} autocomplete="username" required />
        <TextField name="password" label={t('Password')} type="password" autocomplete="current-password" required />
        <button type="submit" class={['button', oidc !== undefined && 'quiet']} safe>
          {t('Sign in')}
        </button>
        <p class="muted" safe>
          {t('No account? An admin of Posthouse makes one, on the page Users.')}
        </p>
      </form>
    </Layout>
  );
}
