/** What a person at the terminal reads, with colours where it is a terminal that wants them (NO_COLOR, FORCE_COLOR). */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** A line begins with one of these, or with nothing. */
const marks: Record<string, Style> = { '✓': 'green', '!': 'yellow', '✗': 'red' };

/** One of the process's streams. */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Writes a line: ✓ for what is done, ! for what is amiss, ✗ for what failed. */
  tell(line: string): void {
    const style = marks[line.charAt(0)];
    this.#stream.write(`${style === undefined ? line : this.style(style, line.charAt(0)) + line.slice(1)}\n`);
  }

  /** A text in a style, or as it is where there are no colours. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }
}
