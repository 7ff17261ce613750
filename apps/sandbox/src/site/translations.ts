/** The texts of the pages in Korean (polite style, 해요체) and English. */
import type { MailState } from '@posthouse/contract';

/** The languages of the pages and of the mails. Korean is the default. */
export type Language = 'ko' | 'en';

/** One text for each key, in one language. */
export interface Translations {
  brand: string;
  brandBelow: string;
  skip: string;
  menu: string;
  signUp: string;
  inbox: string;
  /** The name of the other language, in that language. */
  otherLanguage: string;
  footer: string;

  headline: string;
  lead: string;
  signUpTitle: string;
  nickname: string;
  nicknameHint: string;
  email: string;
  emailHint: string;
  submit: string;
  correctFields: string;
  nicknameMissing: string;
  nicknameTooLong: string;
  nicknameInvalid: string;
  emailMissing: string;
  emailInvalid: string;

  welcome(nickname: string): string;
  signedUp(email: string): string;
  deliveryTitle: string;
  accepted: string;
  states: Record<MailState, string>;
  after(ms: number): string;
  nextAttempt(time: string): string;
  statusUnknown: string;
  refresh: string;
  notAccepted: string;
  notAcceptedAdvice: string;
  openMail: string;
  signUpAnother: string;

  inboxEmpty: string;
  inboxEmptyAdvice: string;
  mails(count: number): string;
  /** The count when older mails were dropped. */
  newestMails(count: number): string;
  noSubject: string;
  from: string;
  to: string;
  receivedAt: string;
  envelope: string;
  attachments: string;
  views: string;
  view: Record<'html' | 'text' | 'headers' | 'source', string>;
  widths: string;
  width: Record<'375' | '600' | 'full', string>;
  noPart: Record<'html' | 'text', string>;
  unreadable: string;
  download: string;
  truncated(kilobytes: number): string;

  notFound: string;
  notFoundAdvice: string;
  rejected: string;
  rejectedAdvice: string;
  /** For a form that another site, or a program, sent. */
  otherOriginAdvice: string;
  serverError: string;
  serverErrorAdvice: string;
}

const ko: Translations = {
  brand: '오늘은 너네집',
  brandBelow: 'Your House Today',
  skip: '본문으로 바로 가기',
  menu: '메뉴',
  signUp: '가입하기',
  inbox: '받은 편지함',
  otherLanguage: 'English',
  footer: 'Posthouse 샌드박스예요. 메일은 이 컴퓨터 밖으로 나가지 않아요.',

  headline: '오늘은\n우리 집에\n놀러 오세요.',
  lead: '하루 동안 서로에게 집을 열어 주는 사람들의 작은 동네예요. 불 켜진 집을 찾아 인사를 건네 보세요.',
  signUpTitle: '이웃이 되어 주세요',
  nickname: '닉네임',
  nicknameHint: '집주인이 이 이름으로 불러 드려요.',
  email: '이메일',
  emailHint: '이 주소로 환영 메일을 보내 드려요.',
  submit: '가입하기',
  correctFields: '아래 표시된 항목을 확인해 주세요.',
  nicknameMissing: '닉네임을 입력해 주세요.',
  nicknameTooLong: '닉네임은 40자까지 쓸 수 있어요.',
  nicknameInvalid: '닉네임에 쓸 수 없는 글자가 있어요.',
  emailMissing: '이메일 주소를 입력해 주세요.',
  emailInvalid: 'haru@example.com 같은 주소를 입력해 주세요.',

  welcome: (nickname) => `${nickname}님,\n어서 들어오세요.`,
  signedUp: (email) => `${email} 주소로 가입했어요.`,
  deliveryTitle: '환영 메일 진행 상황',
  accepted: 'Posthouse가 메일을 접수했어요',
  states: {
    queued: '보낼 차례를 기다리고 있어요',
    scheduled: '예약한 시각에 보낼 거예요',
    sending: '보내고 있어요',
    retrying: '일시적으로 보내지 못했어요. 자동으로 다시 보낼 거예요',
    sent: '보냈어요. 릴레이가 메일을 받았어요',
    failed: '보내지 못했어요',
    expired: '기한이 지나서 보내지 않았어요',
    cancelled: '보내기 전에 취소됐어요',
    uncertain: '보냈지만 릴레이가 받았는지 알 수 없어요',
  },
  after: (ms) => `${ms.toLocaleString('ko')} ms 만에`,
  nextAttempt: (time) => `다음 시도: ${time}`,
  statusUnknown: '지금은 상태를 확인할 수 없어요. 다시 확인할게요.',
  refresh: '새로 고쳐서 확인하기',
  notAccepted: '환영 메일을 접수하지 못했어요',
  notAcceptedAdvice: '가입은 완료됐어요. 메일을 보내지 못해도 가입에는 영향이 없어요.',
  openMail: '도착한 메일 열어 보기',
  signUpAnother: '한 명 더 가입하기',

  inboxEmpty: '아직 도착한 메일이 없어요.',
  inboxEmptyAdvice: '누군가 가입하면 환영 메일이 여기에 나타나요.',
  mails: (count) => `메일 ${count}통`,
  newestMails: (count) => `최근 메일 ${count}통`,
  noSubject: '(제목 없음)',
  from: '보낸 사람',
  to: '받는 사람',
  receivedAt: '받은 시각',
  envelope: 'SMTP 봉투',
  attachments: '첨부 파일',
  views: '보기',
  view: { html: 'HTML', text: '텍스트', headers: '헤더', source: '원본' },
  widths: '너비 (px)',
  width: { '375': '375', '600': '600', full: '전체' },
  noPart: { html: '이 메일에는 HTML 본문이 없어요.', text: '이 메일에는 텍스트 본문이 없어요.' },
  unreadable: '형식이 잘못된 메일이라 표시할 수 없어요. 원본은 볼 수 있어요.',
  download: '.eml 파일로 내려받기',
  truncated: (kilobytes) => `처음 ${kilobytes} KB만 표시해요.`,

  notFound: '페이지를 찾을 수 없어요.',
  notFoundAdvice: '주소가 잘못됐거나, 샌드박스를 다시 시작하면서 사라졌을 수 있어요.',
  rejected: '요청을 처리할 수 없어요.',
  rejectedAdvice: '가입 페이지에서 다시 시도해 주세요.',
  otherOriginAdvice:
    '이 샌드박스의 가입 페이지에서 보낸 요청이 아니에요. Origin이나 Sec-Fetch-Site 헤더가 없거나 다른 사이트를 가리켜요. 가입 페이지에서 다시 보내 주세요.',
  serverError: '문제가 생겼어요.',
  serverErrorAdvice: '샌드박스를 실행한 터미널에서 이유를 확인해 주세요.',
};

const en: Translations = {
  brand: 'Your House Today',
  brandBelow: '오늘은 너네집',
  skip: 'Skip to content',
  menu: 'Menu',
  signUp: 'Sign up',
  inbox: 'Inbox',
  otherLanguage: '한국어',
  footer: 'This is the Posthouse sandbox. Mail never leaves this machine.',

  headline: 'Come over\nto our house\ntoday.',
  lead: 'A small neighbourhood of people who open their homes to one another for a day. Find a house with its lights on and say hello.',
  signUpTitle: 'Become a neighbour',
  nickname: 'Nickname',
  nicknameHint: 'Your hosts will call you by this name.',
  email: 'Email',
  emailHint: 'We will send your welcome mail to this address.',
  submit: 'Sign up',
  correctFields: 'Correct the fields below.',
  nicknameMissing: 'Enter a nickname.',
  nicknameTooLong: 'Use 40 characters or fewer.',
  nicknameInvalid: 'The nickname contains a character that is not allowed.',
  emailMissing: 'Enter your email address.',
  emailInvalid: 'Enter an address such as haru@example.com.',

  welcome: (nickname) => `Come on in,\n${nickname}.`,
  signedUp: (email) => `You have signed up as ${email}.`,
  deliveryTitle: 'Your\u00a0welcome\u00a0mail, step\u00a0by\u00a0step',
  accepted: 'Received by Posthouse',
  states: {
    queued: 'Queued',
    scheduled: 'Scheduled',
    sending: 'Being sent',
    retrying: 'Temporary failure: it will be retried automatically',
    sent: 'Sent: accepted by the relay',
    failed: 'Failed',
    expired: 'Expired before it could be sent',
    cancelled: 'Cancelled before sending',
    uncertain: 'Delivery unknown: the relay did not reply',
  },
  after: (ms) => `after ${ms.toLocaleString('en')} ms`,
  nextAttempt: (time) => `Next attempt: ${time}`,
  statusUnknown: 'The status is not available right now. Trying again.',
  refresh: 'Refresh to see the current status',
  notAccepted: 'The welcome mail was not accepted',
  notAcceptedAdvice: 'Your sign-up is complete. It does not depend on the mail.',
  openMail: 'Open the mail',
  signUpAnother: 'Sign up another member',

  inboxEmpty: 'No mail has arrived yet.',
  inboxEmptyAdvice: 'When somebody signs up, their welcome mail appears here.',
  mails: (count) => (count === 1 ? '1 mail' : `${count} mails`),
  newestMails: (count) => `The newest ${count} mails`,
  noSubject: '(no subject)',
  from: 'From',
  to: 'To',
  receivedAt: 'Arrived',
  envelope: 'SMTP envelope',
  attachments: 'Attachments',
  views: 'Views',
  view: { html: 'HTML', text: 'Text', headers: 'Headers', source: 'Source' },
  widths: 'Width in px',
  width: { '375': '375', '600': '600', full: 'Full' },
  noPart: { html: 'This mail has no HTML part.', text: 'This mail has no text part.' },
  unreadable: 'This message is malformed and cannot be displayed. You can still view its source.',
  download: 'Download as .eml',
  truncated: (kilobytes) => `Only the first ${kilobytes} KB are shown.`,

  notFound: 'Page not found.',
  notFoundAdvice: 'The address may be wrong, or its content was lost when the sandbox was restarted.',
  rejected: 'The request was rejected.',
  rejectedAdvice: 'Go back to the sign-up page and try again.',
  otherOriginAdvice:
    'The form was not sent from the sign-up page: its header Origin or Sec-Fetch-Site is missing or names another site. Send it from the sign-up page.',
  serverError: 'Something went wrong.',
  serverErrorAdvice: 'The terminal that runs the sandbox shows the reason.',
};

/** The texts of each language. */
export const translations: Record<Language, Translations> = { ko, en };
