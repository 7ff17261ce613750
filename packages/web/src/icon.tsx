/** Icons, drawn in the colour of the text beside them. They repeat what the text says, so screen readers skip them. */

const shapes = {
  accepted: 'M3.5 8.5l3 3 6-7',
  partial: 'M2 8.5l3 3 5-6.5M11 12.2h3',
  failed: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  queued: 'M3 4.5h10M3 8h10M3 11.5h6',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2.2 1.4',
  sending: 'M2.5 8h10M8.5 4l4 4-4 4',
  retrying: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  expired: 'M5 2.5h6v2L8 8l3 3.5v2H5v-2L8 8 5 4.5z',
  cancelled: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6',
  unsure: 'M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.4v.2',
  alert: 'M8 2.5l6 10.8H2zM8 6.5v3M8 11.4v.2',
  copy: 'M6 6h7v7.5H6zM3.5 10.5V2.5h7',
  info: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 7.4v3.4M8 5.2v.2',
  search: 'M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM10.2 10.2l3.3 3.3',
  newer: 'M10 3.5L5.5 8l4.5 4.5',
  older: 'M6 3.5L10.5 8 6 12.5',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5l7 4.5-7 4.5z',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof shapes;

/** 16 px square. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
