/** The data of each template. `npm run templates -- types` writes this file: do not edit it. */
export interface Templates {
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
  signup: {
    nickname: string;
    email: string;
  };
}
