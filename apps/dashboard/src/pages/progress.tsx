/** How far something is. */

/** @param label what is being done; @param done of `all`, which may be an estimate and then is never overtaken */
export function Progress({ label, done, all }: { label: string; done: number; all: number }): JSX.Element {
  const max = Math.max(all, done, 1);
  return (
    <div class="progress">
      <progress value={done} max={max} aria-label={label}></progress>
      <span class="number muted" safe>
        {`${done.toLocaleString('en')} of ${all.toLocaleString('en')}`}
      </span>
    </div>
  );
}
