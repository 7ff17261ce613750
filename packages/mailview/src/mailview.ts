/** Displays a message safely: parsed into text fields, and as a document whose scripts, forms and requests the browser blocks. */
export { frameSandbox, type MessageDocument, messageDocument } from './message-document.ts';
export {
  addressText,
  attachmentText,
  type MessageView,
  type ViewedAddress,
  type ViewedAttachment,
  type ViewedHeader,
  viewMessage,
} from './message-view.ts';
export { type View, viewOf, views, type Width, widthOf, widths } from './view-choice.ts';
