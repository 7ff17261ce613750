/** The subjects of mails, as far as they are stored: sealed with the content, opened in memory for the page that shows them. */
import type { MailList } from '@posthouse/queue';
import type { TemplateSource } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';

/** Mails whose contents are read at a time: each may have `limits.listedContentBytes`. */
const batchSize = 50;

/** Reads subjects; sensitive values in them are masked. */
export class MailSubjects {
  readonly #list: MailList;
  readonly #templates: TemplateSource<Renderer>;

  constructor(list: MailList, templates: TemplateSource<Renderer>) {
    this.#list = list;
    this.#templates = templates;
  }

  /** By id; without those that are not kept, cannot be rendered, or have a content too large for a list. @throws QueueUnavailable */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const subjects = new Map<string, string>();
    const renderer = this.#templates.current;
    for (let at = 0; at < ids.length; at += batchSize) {
      const contents = await this.#list.contents(ids.slice(at, at + batchSize));
      for (const [id, { content, isKept }] of contents) {
        const { template } = content;
        const stored = template !== undefined && 'subject' in template ? template.subject : undefined;
        const subject = stored ?? renderer.previewSubject(content, isKept ? { notKept: omittedIn(template) } : {});
        if (subject !== undefined) subjects.set(id, subject);
      }
    }
    return subjects;
  }

  /**
   * The subjects with all the words, in any order, by id and in the order of the ids; upper and lower case are the same.
   * @throws QueueUnavailable
   */
  async having(ids: readonly string[], words: string): Promise<[id: string, subject: string][]> {
    const wanted = comparable(words).split(/\s+/).filter(Boolean);
    const subjects = await this.of(ids);
    return ids.flatMap((id): [string, string][] => {
      const subject = subjects.get(id);
      if (subject === undefined) return [];
      const text = comparable(subject);
      return wanted.every((word) => text.includes(word)) ? [[id, subject]] : [];
    });
  }
}

function omittedIn(template: object | undefined): readonly string[] {
  return template !== undefined && 'omitted' in template ? (template.omitted as string[]) : [];
}

/** Full-width letters, and composed and decomposed ones, are the same to a reader. */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
