/** The texts of the dashboard in Korean (formal polite style: –습니다, and –십시오 where they say what to do), by the English text. Each feature has a file. */
import { accounts } from './accounts.ts';
import { audit } from './audit.ts';
import { bulk } from './bulk.ts';
import { errors } from './errors.ts';
import { failures } from './failures.ts';
import { known } from './known.ts';
import { layout } from './layout.ts';
import { mail } from './mail.ts';
import { mailList } from './mail-list.ts';
import { overview } from './overview.ts';
import { queue } from './queue.ts';
import { reasonTexts } from './reasons.ts';
import { severalPages } from './several-pages.ts';
import { templates } from './templates.ts';

/** Korean texts by the English ones of the sources. */
export const korean: Readonly<Record<string, string>> = {
  ...severalPages,
  ...layout,
  ...errors,
  ...known,
  ...accounts,
  ...audit,
  ...overview,
  ...failures,
  ...bulk,
  ...mailList,
  ...queue,
  ...mail,
  ...reasonTexts,
  ...templates,
};
