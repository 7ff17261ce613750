/** Lists: a table that becomes a list of cards on a narrow screen, and the links between its pages. */
import { Icon } from '@posthouse/web';
import { t } from './translate.ts';

/** One column. */
export interface Column {
  title: string;
  /** Right-aligned figures. */
  number?: boolean;
  /** Of a column of checkboxes or buttons: the title is for screen readers only. */
  hiddenTitle?: boolean;
  /** Of a column of checkboxes: a checkbox for all of them in place of the title, where selection.js runs. */
  selectsAll?: boolean;
  /** Class of its cells. */
  class?: string;
}

/** What a table lists. */
export interface DataTableProps {
  /** What it lists, for screen readers. */
  label: string;
  columns: readonly Column[];
  /** As many cells as columns; the first one names the row. */
  rows: readonly (readonly JSX.Element[])[];
}

export function DataTable({ label, columns, rows }: DataTableProps): JSX.Element {
  return (
    <table class="data" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ title, number, hiddenTitle, selectsAll }) => (
            <th scope="col" class={number ? 'number' : undefined}>
              {selectsAll && <input type="checkbox" data-select-all aria-label={title} autocomplete="off" hidden />}
              <span class={hiddenTitle || selectsAll ? 'visually-hidden' : undefined} safe>
                {title}
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr>
            {cells.map((cell, index) => (
              <td data-label={cardLabel(columns[index])} class={[columns[index]?.class, columns[index]?.number && 'number']}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Beside the cell on a narrow screen. */
function cardLabel(column: Column | undefined): string | undefined {
  return column?.hiddenTitle === true || column?.selectsAll === true ? undefined : column?.title;
}

/** Where a page stands in its list. */
export interface PaginationProps {
  /** What the page holds: `50 mails on this page`. */
  summary: string;
  /** URL of the first page, which has the newest entries; undefined on that page. */
  first: string | undefined;
  /** URL of the next page; undefined on the last one. */
  older: string | undefined;
  /** Where the list is not ordered by time. */
  firstLabel?: string;
  olderLabel?: string;
}

export function Pagination({ summary, first, older, firstLabel = t('Newest'), olderLabel = t('Older') }: PaginationProps): JSX.Element {
  return (
    <nav class="pagination" aria-label={t('Pages')}>
      <p class="muted" safe>
        {summary}
      </p>
      <div class="row">
        {first !== undefined && (
          <a class="button quiet" href={first}>
            <Icon name="newer" />
            <span safe>{firstLabel}</span>
          </a>
        )}
        {older !== undefined && (
          <a class="button quiet" href={older} rel="next">
            <span safe>{olderLabel}</span>
            <Icon name="older" />
          </a>
        )}
      </div>
    </nav>
  );
}
