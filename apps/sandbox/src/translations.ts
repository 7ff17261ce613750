/** Every sentence of the pages, in both languages. */
import type { MailState } from '@posthouse/contract';

/** The languages of the pages and of the mails. Korean comes first: that is where the house stands. */
export type Language = 'ko' | 'en';

/** What the pages say. */
export interface Translations {
  brand: string;
  brandBelow: string;
  skip: string;
  menu: string;
  join: string;
  inbox: string;
  /** The name of the other language, in that language. */
  otherLanguage: string;
  sandbox: string;
  refresh: string;

  headline: string;
  lead: string;
  joinTitle: string;
  nickname: string;
  nicknameHint: string;
  email: string;
  emailHint: string;
  submit: string;
  notYet: string;
  nicknameMissing: string;
  nicknameLong: string;
  nicknameOdd: string;
  emailMissing: string;
  emailOdd: string;

  hello(nickname: string): string;
  joined(email: string): string;
  journey: string;
  accepted: string;
  states: Record<MailState, string>;
  after(ms: number): string;
  nextTry(time: string): string;
  unknown: string;
  refused: string;
  refusedAdvice: string;
  decryptMail: string;
  joinAgain: string;

  inboxEmpty: string;
  inboxEmptyAdvice: string;
  mails(count: number): string;
  noSubject: string;
  from: string;
  to: string;
  arrived: string;
  envelope: string;
  attachments: string;
  views: string;
  view: Record<'html' | 'text' | 'headers' | 'source', string>;
  widths: string;
  width: Record<'375' | '600' | 'full', string>;
  noSuchView: string;
  unreadable: string;
  download: string;
  cut(kilobytes: number): string;

  notFound: string;
  notFoundAdvice: string;
  wrong: string;
  wrongAdvice: string;
  notUnderstood: string;
  notUnderstoodAdvice: string;
}

const ko: Translations = {
  brand: '오늘은 너네집',
  brandBelow: 'Your House Today',
  skip: '본문으로 바로 가기',
  menu: '메뉴',
  join: '가입하기',
  inbox: '받은 편지함',
  otherLanguage: 'English',
  sandbox: 'Posthouse 샌드박스예요. 메일은 이 컴퓨터를 떠나지 않아요.',
  refresh: '새로 고쳐서 확인하기',

  headline: '오늘은,\n너네 집에\n놀러 갈게.',
  lead: '하루 동안 서로에게 집을 열어 주는 사람들의 작은 동네예요. 불 켜진 집을 골라 인사를 건네 보세요.',
  joinTitle: '이웃이 되어 주세요',
  nickname: '닉네임',
  nicknameHint: '집주인이 이렇게 불러 드려요.',
  email: '이메일',
  emailHint: '이 주소로 환영 메일을 보내 드려요.',
  submit: '가입하기',
  notYet: '아직 가입되지 않았어요. 아래를 살펴봐 주세요.',
  nicknameMissing: '닉네임을 적어 주세요.',
  nicknameLong: '닉네임은 40자까지 쓸 수 있어요.',
  nicknameOdd: '닉네임에 쓸 수 없는 글자가 들어 있어요.',
  emailMissing: '이메일을 적어 주세요.',
  emailOdd: '이메일 주소를 다시 확인해 주세요. 예: haru@example.com',

  hello: (nickname) => `${nickname}님,\n어서 들어오세요.`,
  joined: (email) => `${email} 주소로 가입이 끝났어요.`,
  journey: '환영 메일이 가는 길',
  accepted: 'Posthouse가 메일을 맡았어요',
  states: {
    queued: '보낼 차례를 기다리고 있어요',
    scheduled: '정해 둔 시각을 기다리고 있어요',
    sending: '보내고 있어요',
    retrying: '아직 보내지 못했어요. 다시 보낼 거예요',
    sent: '릴레이가 받았어요',
    failed: '보내지 못했어요',
    expired: '너무 늦어서 보내지 않았어요',
    cancelled: '취소됐어요',
    uncertain: '받았는지 알 수 없어요',
  },
  after: (ms) => `${ms.toLocaleString('ko')} ms 만에`,
  nextTry: (time) => `다음 시도: ${time}`,
  unknown: '지금은 Posthouse에 물어볼 수 없어요. 다시 물어볼게요.',
  refused: '환영 메일은 맡기지 못했어요',
  refusedAdvice: '가입은 잘 끝났으니 걱정하지 마세요. 메일 때문에 가입이 막히지는 않아요.',
  decryptMail: '도착한 메일 열어 보기',
  joinAgain: '한 명 더 가입하기',

  inboxEmpty: '아직 도착한 메일이 없어요.',
  inboxEmptyAdvice: '누군가 가입하면 환영 메일이 바로 여기에 나타나요.',
  mails: (count) => `메일 ${count}통`,
  noSubject: '(제목 없음)',
  from: '보낸 사람',
  to: '받는 사람',
  arrived: '도착한 때',
  envelope: 'SMTP 봉투',
  attachments: '첨부 파일',
  views: '보기',
  view: { html: 'HTML', text: '텍스트', headers: '헤더', source: '원본' },
  widths: '너비 (px)',
  width: { '375': '375', '600': '600', full: '전체' },
  noSuchView: '이 메일에는 그 부분이 없어요.',
  unreadable: '너무 이상하게 쓰인 메일이라 펼쳐 볼 수 없어요. 원본은 볼 수 있어요.',
  download: '.eml 파일로 내려받기',
  cut: (kilobytes) => `처음 ${kilobytes} KB만 보여 드려요.`,

  notFound: '여기에는 아무도 살지 않아요.',
  notFoundAdvice: '주소가 바뀌었거나, 샌드박스를 다시 시작하면서 사라졌을 수 있어요.',
  wrong: '저희 쪽에서 문제가 생겼어요.',
  wrongAdvice: '샌드박스를 시작한 터미널에 이유가 적혀 있어요.',
  notUnderstood: '요청을 받아들일 수 없어요.',
  notUnderstoodAdvice: '가입 페이지에서 다시 해 주세요.',
};

const en: Translations = {
  brand: 'Your House Today',
  brandBelow: '오늘은 너네집',
  skip: 'Skip to content',
  menu: 'Menu',
  join: 'Sign up',
  inbox: 'Inbox',
  otherLanguage: '한국어',
  sandbox: 'This is the Posthouse sandbox. Mail never leaves this machine.',
  refresh: 'Refresh to see where it is',

  headline: 'Today,\nI am coming to\nyour house.',
  lead: 'A small neighbourhood of people who open their homes to one another for a day. Find a house with its light on, and say hello.',
  joinTitle: 'Be our neighbour',
  nickname: 'Nickname',
  nicknameHint: 'What your hosts will call you.',
  email: 'E-mail',
  emailHint: 'Your welcome mail goes there.',
  submit: 'Sign up',
  notYet: 'You have not joined yet. Please look at what is marked below.',
  nicknameMissing: 'Please write a nickname.',
  nicknameLong: 'A nickname has 40 characters at the most.',
  nicknameOdd: 'There is a character in it that no nickname can have.',
  emailMissing: 'Please write your e-mail address.',
  emailOdd: 'Please check this address. It looks like haru@example.com.',

  hello: (nickname) => `Come on in,\n${nickname}.`,
  joined: (email) => `You have joined as ${email}.`,
  journey: 'The way of your welcome mail',
  accepted: 'Posthouse has taken the mail',
  states: {
    queued: 'It waits for its turn',
    scheduled: 'It waits for its time',
    sending: 'It is being sent',
    retrying: 'It could not be sent yet; it will be tried again',
    sent: 'Accepted by the relay',
    failed: 'It could not be sent',
    expired: 'It was too late to send it',
    cancelled: 'It was cancelled',
    uncertain: 'Nobody can tell whether it was received',
  },
  after: (ms) => `after ${ms.toLocaleString('en')} ms`,
  nextTry: (time) => `Next try: ${time}`,
  unknown: 'Posthouse cannot be asked right now. We will ask again.',
  refused: 'The welcome mail could not be handed over',
  refusedAdvice: 'Never mind: you have joined all the same. No sign-up fails for the sake of a mail.',
  decryptMail: 'Open the mail that arrived',
  joinAgain: 'Sign up somebody else',

  inboxEmpty: 'No mail has arrived yet.',
  inboxEmptyAdvice: 'When somebody signs up, their welcome mail shows up right here.',
  mails: (count) => (count === 1 ? '1 mail' : `${count} mails`),
  noSubject: '(no subject)',
  from: 'From',
  to: 'To',
  arrived: 'Arrived',
  envelope: 'SMTP envelope',
  attachments: 'Attachments',
  views: 'Views',
  view: { html: 'HTML', text: 'Text', headers: 'Headers', source: 'Source' },
  widths: 'Width in px',
  width: { '375': '375', '600': '600', full: 'Full' },
  noSuchView: 'This mail has no such part.',
  unreadable: 'This mail is written too strangely to be taken apart. Its source can still be read.',
  download: 'Download as .eml',
  cut: (kilobytes) => `These are the first ${kilobytes} KB.`,

  notFound: 'Nobody lives here.',
  notFoundAdvice: 'The address may have changed, or it went when the sandbox was started again.',
  wrong: 'Something went wrong on our side.',
  wrongAdvice: 'The terminal that runs the sandbox says why.',
  notUnderstood: 'This request cannot be taken.',
  notUnderstoodAdvice: 'Please go back to the sign-up page and try again.',
};

const byLanguage: Record<Language, Translations> = { ko, en };

/** What the pages say in a language. */
export function translationsFor(language: Language): Translations {
  return byLanguage[language];
}
