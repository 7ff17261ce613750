/** A message made safe to look at: taken apart into words, and as a document that a browser shows but does not obey. */
export { frameSandbox, type MessageDocument, messageDocument } from './message-document.ts';
export { type MessageView, type ViewedAddress, type ViewedAttachment, type ViewedHeader, viewMessage } from './message-view.ts';
export { type View, viewOf, views, type Width, widthOf, widths } from './view-choice.ts';
export { addressText, attachmentText } from './view-text.ts';
