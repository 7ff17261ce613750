/** The data of each template. `npm run templates -- types` writes this file: do not edit it. */
export interface Templates {
  invitation: {
    inviter: string;
    /** The name of the home. */
    home: string;
    /** When the visit begins. */
    startsAt: string;
    /** IANA name of a time zone: Asia/Seoul. */
    timeZone: string;
    /** Who has accepted already. */
    guests: string[];
    /** What the inviter wrote. */
    message?: string;
    /** Contains a token of this invitation. */
    acceptUrl: string;
    /** Now: what the end is counted from. */
    sentAt: string;
    /** When the invitation ends. */
    expiresAt: string;
  };
  'magic-link': {
    /** Contains a token that works once. */
    signInUrl: string;
    expiresInMinutes: number;
    /** To type instead of opening the link. */
    code?: string;
    /** Where the sign-in was requested: Chrome on Windows. */
    device?: string;
  };
  'password-reset': {
    nickname: string;
    resetUrl: string;
    expiresInMinutes: number;
  };
  receipt: {
    nickname: string;
    /** One line. */
    orderId: string;
    orderedAt: string;
    /** How it was paid, without a full number: Visa •••• 4242. */
    payment?: string;
    /** ISO 4217: KRW, EUR. */
    currency: string;
    items: {
      name: string;
      quantity: number;
      /** In whole units of the currency: 12900 KRW, 12.5 EUR. */
      unitPrice: number;
    }[];
    /** In whole units of the currency. */
    total: number;
  };
  'security-alert': {
    nickname: string;
    /** When the sign-in was. */
    signedInAt: string;
    /** IANA name of a time zone: Asia/Seoul. */
    timeZone: string;
    /** Safari on iPhone. */
    device?: string;
    /** As estimated from the IP address. */
    location?: string;
    ipAddress?: string;
    /** Contains a token that signs out all devices. */
    secureUrl: string;
  };
  signup: {
    nickname: string;
    email: string;
  };
  'verify-address': {
    nickname?: string;
    email: string;
    /** Contains a token that works once. */
    verifyUrl: string;
    expiresInHours: number;
  };
  'weekly-digest': {
    nickname: string;
    /** The first day: 2026-11-16. */
    weekStart: string;
    /** The last day. */
    weekEnd: string;
    /** Visits of the week in the neighbourhood. */
    visits: number;
    homes: {
      name: string;
      host: string;
      area?: string;
      visitors: number;
      link: string;
    }[];
    /** Contains a token of this subscription. */
    unsubscribeUrl: string;
  };
}
