/** Data that came with a mail, by its names. */
import { Fact, Facts } from '@posthouse/web';

/** Characters of one value that are shown. */
const shown = 2000;

/** The card. */
export function MailData({ title, below, data }: { title: string; below: string; data: Readonly<Record<string, unknown>> }): JSX.Element {
  return (
    <section class="card">
      <div class="card-head">
        <h2 safe>{title}</h2>
        <p class="muted" safe>
          {below}
        </p>
      </div>
      <Facts>
        {Object.entries(data).map(([name, value]) => (
          <Fact name={name}>
            <Value value={value} />
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

function Value({ value }: { value: unknown }): JSX.Element {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <pre class="code" safe>
      {text.length > shown ? `${text.slice(0, shown)}… (${text.length - shown} characters more)` : text}
    </pre>
  );
}
