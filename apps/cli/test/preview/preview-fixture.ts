/** A preview of a copy of the project's templates, which a test may change. */
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Preview } from '../../src/preview/preview-server.ts';
import type { PreviewSender } from '../../src/preview/send-preview.ts';

/** The project's templates. */
export const mailsDir = fileURLToPath(new URL('../../../../templates', import.meta.url));

export class PreviewFixture {
  readonly dir: string;
  readonly preview: Preview;
  /** What went wrong while answers were made. */
  readonly errors: Error[] = [];

  private constructor(dir: string, options: { sender?: PreviewSender | undefined }) {
    this.dir = dir;
    const onError = (error: Error) => this.errors.push(error);
    const from = { name: 'Posthouse', address: 'hello@example.com' };
    this.preview = new Preview({ dir, shownDir: './templates', port: 0, from, to: undefined, sender: options.sender, onError });
  }

  static async start(options: { sender?: PreviewSender | undefined } = {}): Promise<PreviewFixture> {
    const dir = await mkdtemp(join(tmpdir(), 'posthouse-preview-'));
    await cp(mailsDir, dir, { recursive: true });
    const fixture = new PreviewFixture(dir, options);
    await fixture.preview.start();
    return fixture;
  }

  async stop(): Promise<void> {
    await this.preview.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  get url(): string {
    return this.preview.url;
  }

  /** Saves a file of the set. @returns the names of the templates that the preview then says have changed */
  async save(path: string, content: string | object): Promise<string[]> {
    return await this.changedBy(() => this.write(path, content));
  }

  /** @returns the names of the templates that the preview says have changed, once the action is done */
  async changedBy(action: () => Promise<void>): Promise<string[]> {
    const changed = new Promise<string[]>((resolve) => {
      this.preview.live.once('change', (names) => resolve([...names]));
    });
    await action();
    return await changed;
  }

  /** Writes a file of the set at once, so that it is one change, and waits for nothing. */
  async write(path: string, content: string | object): Promise<void> {
    const file = join(this.dir, path);
    await mkdir(dirname(file), { recursive: true });
    const complete = `${this.dir}.new`;
    await writeFile(complete, typeof content === 'string' ? content : JSON.stringify(content));
    await rename(complete, file);
  }

  /** Sends a form as a page of the preview does. */
  async post(path: string, form: Record<string, string>): Promise<Response> {
    return await fetch(this.url + path, { method: 'POST', body: new URLSearchParams(form), headers: { origin: this.url } });
  }
}
