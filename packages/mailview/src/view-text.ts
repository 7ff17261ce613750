/** What a view holds, in one line each. */
import type { ViewedAddress, ViewedAttachment } from './message-view.ts';

/** `Anne <anne@example.com>, bo@example.com`; empty for none. */
export function addressText(addresses: readonly ViewedAddress[] = []): string {
  return addresses.map(({ name, address }) => (name === undefined ? address : `${name} <${address}>`)).join(', ');
}

/** `receipt.pdf (application/pdf, 12 KB)` */
export function attachmentText({ filename, contentType, bytes }: Pick<ViewedAttachment, 'filename' | 'contentType' | 'bytes'>): string {
  return `${filename} (${contentType}, ${bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KB`})`;
}
