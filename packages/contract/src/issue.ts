/** One thing that is wrong with what a caller sent, and where. */
export interface Issue {
  /** JSON pointer (RFC 6901) into what the caller sent; '' is the whole of it. */
  pointer: string;
  /** What is wrong and how to mend it, in words; never the offending value, which may be an address or a secret. */
  message: string;
}
