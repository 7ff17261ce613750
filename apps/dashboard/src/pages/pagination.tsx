/** Links to the pages before and after this one of a list. */
import { Icon } from '@posthouse/web';

/** @param shown what is on this page, in words; @param first the URL of the newest page, where this is not it */
export function Pagination({
  shown,
  first,
  older,
}: {
  shown: string;
  first?: string | undefined;
  older?: string | undefined;
}): JSX.Element {
  return (
    <nav class="pagination" aria-label="Pages">
      <p class="muted" safe>
        {shown}
      </p>
      <div class="row">
        {first !== undefined && (
          <a class="button quiet" href={first}>
            <Icon name="newer" />
            Newest
          </a>
        )}
        {older !== undefined && (
          <a class="button quiet" href={older} rel="next">
            Older
            <Icon name="older" />
          </a>
        )}
      </div>
    </nav>
  );
}
