/**
 * How a page shows a mail: which part of it, and how wide its frame is. Both are chosen by links with `?view=` and `?width=`,
 * so that they work without JavaScript.
 */

/** The parts of a mail that can be shown. */
export const views = ['html', 'text', 'headers', 'source'] as const;
export type View = (typeof views)[number];

/** Widths of the frame in CSS pixels, also on a narrower screen: a phone, a mail client, and all available space. */
export const widths = ['375', '600', 'full'] as const;
export type Width = (typeof widths)[number];

/**
 * The view of a request: the one in `?view=`, else the HTML, or the text if the mail has no HTML.
 * @param requested the unchecked parameter
 */
export function viewOf(requested: unknown, hasHtml: boolean): View {
  return views.find((view) => view === requested) ?? (hasHtml ? 'html' : 'text');
}

/**
 * The width of a request: the one in `?width=`, else `full`, which fits every screen.
 * @param requested the unchecked parameter
 */
export function widthOf(requested: unknown): Width {
  return widths.find((width) => width === requested) ?? 'full';
}
