/** Numbers of mails in words. */
import type { MailCount } from '@posthouse/queue';
import { t } from '../ui/translate.ts';

/** `1 mail`, `about 1,200 mails`. */
export function formatCount({ mails, exact }: MailCount): string {
  const counted = t('{mails, plural, one {# mail} other {# mails}}', { mails });
  return exact ? counted : t('about {counted}', { counted });
}
