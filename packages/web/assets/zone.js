// Sets the cookie with the user's time zone. Without this script, times are in UTC, and the page says so.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs a secure context, and not every browser has it.
document.cookie = `zone=${timeZone}; path=/; max-age=31536000; samesite=strict`;
