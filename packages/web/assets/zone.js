// Sets the cookie with the user's time zone. Without this script, times are in UTC, and the page says so.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const zone = `zone=${timeZone}`;
const isKnown = document.cookie.split('; ').includes(zone);
// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs a secure context, and not every browser has it.
document.cookie = `${zone}; path=/; max-age=31536000; samesite=strict`;

// The server made this page before it knew the zone.
if (!isKnown) {
  const style = { timeZone, hourCycle: 'h23', dateStyle: 'medium', timeStyle: 'medium' };
  const format = new Intl.DateTimeFormat(document.documentElement.lang, style);
  for (const time of document.querySelectorAll('time[data-zoned]')) time.textContent = format.format(new Date(time.dateTime));
}
