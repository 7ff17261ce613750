// Tells the server the zone that dates are to be shown in. Without this script they are in UTC, and say so.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs a secure context, and not every browser has it.
document.cookie = `zone=${timeZone}; path=/; max-age=31536000; samesite=strict`;
