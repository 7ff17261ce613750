/** Filters that a user has saved under a name: links above the list, a form that saves the present one, and buttons that remove them. */
import { limits, type MailFilter } from '@posthouse/contract';
import { type RequestConnection, type SavedFilter, SavedFilters } from '@posthouse/queue';
import { HttpError, TextField } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { filterFields, mailsUrl, readMailSearch } from '../mails/mail-search.ts';
import { ActionForm } from '../ui/elements.tsx';
import { actorOf } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';

/** Conditions that are not saved: a time that was meant today is of no use tomorrow. */
function withoutTimes({ from: _from, to: _to, ...filter }: MailFilter): MailFilter {
  return filter;
}

/** @returns the routes, as a plugin */
export function savedFilterRoutes(connection: RequestConnection): FastifyPluginAsync {
  const saved = new SavedFilters(connection);
  const { ofUser, nameLength } = limits.savedFilters;
  return async (app) => {
    app.post<{ Body: Record<string, unknown> | undefined }>('/mails/filters', async (request, reply) => {
      const { who } = actorOf(request);
      const { name: given, ...parameters } = request.body ?? {};
      const name = typeof given === 'string' ? given.normalize('NFC').trim() : '';
      const { filter, issues } = readMailSearch(parameters, request.context.time.zone);
      const kept = withoutTimes(filter);
      if (name === '' || name.length > nameLength || /\p{Cc}/u.test(name))
        throw notSaved(t('A name has 1 to {max} characters, on one line.', { max: nameLength }));
      if (issues.length > 0 || Object.keys(kept).length === 0)
        throw notSaved(t('The filter has no condition that can be saved. Times are not saved.'));
      if (!(await saved.save(who, { name, filter: kept })))
        throw notSaved(t('You have {max} saved filters, which is the limit. Remove one first.', { max: ofUser }));
      return reply.redirect(mailsUrl(filter), 303);
    });

    app.post<{ Body: { name?: unknown } | undefined }>('/mails/filters/remove', async (request, reply) => {
      await saved.remove(actorOf(request).who, String(request.body?.name ?? ''));
      return reply.redirect('/mails', 303);
    });
  };

  function notSaved(advice: string): HttpError {
    return new HttpError(400, t('The filter was not saved'), advice);
  }
}

/** @param filter the present one */
export function SavedFilterBar({ saved, filter }: { saved: readonly SavedFilter[]; filter: MailFilter }): JSX.Element {
  const present = mailsUrl(withoutTimes(filter));
  const canSave = Object.keys(withoutTimes(filter)).length > 0;
  if (saved.length === 0 && !canSave) return '' as 'safe';
  return (
    <div class="row saved-filters">
      {saved.length > 0 && (
        <nav class="row chips" aria-label={t('Saved filters')}>
          <span class="muted" safe>
            {t('Saved filters')}
          </span>
          {saved.map((each) => (
            <a class="chip" href={mailsUrl(each.filter)} aria-current={mailsUrl(each.filter) === present ? 'true' : undefined} safe>
              {each.name}
            </a>
          ))}
        </nav>
      )}
      <details>
        <summary safe>{canSave ? t('Save this filter') : t('Manage')}</summary>
        <div class="stack saved-filter-form">
          {canSave && (
            <form class="row" method="post" action="/mails/filters">
              {filterFields(filter).map(([name, value]) => (
                <input type="hidden" name={name} value={value} />
              ))}
              <TextField
                name="name"
                label={t('Name')}
                required
                maxlength={limits.savedFilters.nameLength}
                hint={t('Only you see it. Times are not saved.')}
              />
              <button type="submit" class="button quiet" safe>
                {t('Save')}
              </button>
            </form>
          )}
          {saved.map(({ name }) => (
            <ActionForm action="/mails/filters/remove" label={t('Remove {name}', { name })} kind="quiet" fields={{ name }} />
          ))}
        </div>
      </details>
    </div>
  );
}
