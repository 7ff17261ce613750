/**
 * A table that becomes a list of cards where the screen is narrow, each cell with the name of its column beside it.
 */

/** One column. */
export interface Column {
  title: string;
  /** Figures stand below one another at the right. */
  number?: boolean;
  /** Of a column of boxes or buttons: the title is for those who hear the page. */
  silent?: boolean;
}

/** A table. */
export interface DataTableProps {
  /** What it lists, for those who hear the page. */
  label: string;
  columns: readonly Column[];
  /** As many cells as columns; the first one names the row. */
  rows: readonly (readonly JSX.Element[])[];
}

/** The whole table. */
export function DataTable({ label, columns, rows }: DataTableProps): JSX.Element {
  return (
    <table class="data" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ title, number, silent }) => (
            <th scope="col" class={number ? 'number' : undefined}>
              <span class={silent ? 'visually-hidden' : undefined} safe>
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
              <td data-label={labelOf(columns[index])} class={columns[index]?.number ? 'number' : undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function labelOf(column: Column | undefined): string | undefined {
  return column?.silent === true ? undefined : column?.title;
}
