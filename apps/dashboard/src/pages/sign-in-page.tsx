/** The door. */
import { Notice, TextField } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';

/** @param next the path to go to afterwards; @param refused whether a try was made that did not succeed */
export function SignInPage(props: { context: PageContext; next: string; name: string; refused: boolean }): JSX.Element {
  const { context, next, name, refused } = props;
  return (
    <Layout context={context} title="Sign in" assets={['sign-in.css']}>
      <form class="card sign-in" method="post" action="/login">
        <span class="lamp" aria-hidden="true"></span>
        <h1>Sign in</h1>
        {refused && <Notice tone="bad" title="That name and password do not go together." />}
        <input type="hidden" name="next" value={next} />
        <TextField name="name" label="Name" value={name} autocomplete="username" required />
        <TextField name="password" label="Password" type="password" autocomplete="current-password" required />
        <button type="submit" class="button">
          Sign in
        </button>
        <p class="muted">
          No account? Whoever runs Posthouse makes one with <code class="code">npm run users -- anne</code>
        </p>
      </form>
    </Layout>
  );
}
