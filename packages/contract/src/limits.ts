/** The limits on every input. Sizes are in bytes, lengths in characters. */
export const limits = Object.freeze({
  /** One HTTP request; base64 makes 25 MB of message into 34 MB of JSON. */
  requestBytes: 36 * 1024 * 1024,
  /**
   * SMTP submission. Connections: of a process, of one address, of one API key, and those of an address that are answered before they are closed.
   * `loginFailures` end a connection; addresses with failures are counted. `messages`: all messages that a process has at a time; `reserve`
   * is kept for those of at most `small`, and one API key may have `ofKey`.
   */
  submission: {
    connections: 500,
    connectionsPerAddress: 100,
    connectionsPerKey: 100,
    refusedPerAddress: 50,
    loginFailures: 3,
    countedAddresses: 10_000,
    replyLength: 450,
    messages: { bytes: 56 * 1024 * 1024, reserve: 8 * 1024 * 1024, small: 256 * 1024, ofKey: 28 * 1024 * 1024 },
  },
  /** All request bodies that a process reads or works on at a time. `reserve` of them is kept for bodies of at most `small`. */
  bodiesInProgress: { bytes: 44 * 1024 * 1024, reserve: 8 * 1024 * 1024, small: 256 * 1024 },
  /** Of a body that has not ended, as many bytes must arrive within `timings.http.bodyProgress`. */
  bodyProgressBytes: 16 * 1024,
  /** One mail: its content and its decoded attachments. */
  messageBytes: 25 * 1024 * 1024,
  /** A message is written to the provider in blocks of that size, each with its own deadline. */
  messageBlockBytes: 64 * 1024,
  /** The header of a message that a caller made, and a line of it or of its body. */
  rawHeader: { bytes: 256 * 1024, fields: 1000 },
  lineBytes: 998,
  /** `content.html` and `content.text` together. */
  contentBytes: 1024 * 1024,
  /** `data`, as JSON. */
  dataBytes: 256 * 1024,
  /** Issues of one input that are put into words; of further ones only the number is given. */
  issues: 100,
  /** Entries of a list that a template writes as one sentence. */
  listEntries: 200,
  /** One file of a template set, and a template with everything that it includes, as often as it does; in bytes, files and mustaches; levels of its tags, and of its blocks. */
  templates: { fileBytes: 1024 * 1024, expanded: { bytes: 2 * 1024 * 1024, includes: 500, mustaches: 5000 }, nesting: 100 },
  /** Gmail shows no more of a mail's HTML than about so many bytes, and a link to the rest. */
  clippedHtmlBytes: 102 * 1024,
  /** A template set of a commit that `templates diff` reads, and the mails that its page shows. */
  templateDiff: { files: 5000, bytes: 64 * 1024 * 1024, mails: 500 },
  /** Levels of nested objects and lists in `data` and `metadata`. */
  nesting: 32,
  /** Levels of nested objects and lists in a request: a batch, its list, a mail, and `data`. */
  bodyNesting: 40,
  /** Values in a request: objects, lists, and what they hold. One takes up to some fifty bytes of memory, and two in the request. */
  bodyValues: 1_000_000,
  /** Fields of one object. */
  fields: 10_000,
  fieldNameLength: 1000,
  /** `metadata`, as JSON. */
  metadataBytes: 4 * 1024,
  /** to, cc and bcc together; as many as every SMTP server takes (RFC 5321 section 4.5.3.1.8). */
  recipients: 100,
  attachments: 50,
  headers: 20,
  tags: 10,
  tagLength: 64,
  batchMails: 1000,
  /** Mails that an API process accepts at a time; `reserve` of them is kept for requests with a single mail. */
  mailsInProgress: { mails: 5000, reserve: 1000 },
  /** Single mails that are accepted together: `mails` in a group, and as many groups at a time. A mail with more sealed bytes is alone. */
  groupCommit: { mails: 64, groups: 4, mailBytes: 64 * 1024 },
  /**
   * Mails in progress for each connection of a worker: at first and at least, so that the next one is ready when one is sent; and at most, for a
   * Redis that takes several times as long as the relay.
   */
  mailsPerConnection: { min: 2, max: 4 },
  /** A share of failed mails is an incident from so many on, within so many minutes; a message about one is sent so often, if it must be. */
  incidents: { failureRatio: 0.05, failures: 6, minutes: 30, tries: 5, responseBytes: 64 * 1024 },
  /** How far ahead a mail may be scheduled, in ms. */
  scheduleAheadMs: 366 * 24 * 60 * 60 * 1000,
  /** How long after it is due a mail expires by default, in ms. */
  expiresAfterMs: 72 * 60 * 60 * 1000,
  /** Runs of a mail that may end without a verdict, because their process died, before the mail fails. */
  runsWithoutVerdict: 5,
  /** Attempts that may send the message and get no reply within the deadline, before a user decides. */
  unansweredAttempts: 2,
  /** How many mails in a row, of how many templates or subjects and to how many recipients, a provider must refuse alike to refuse the account. */
  alikeRefusals: { mails: 5, groups: 2, recipients: 5 },
  /** Recipient domains whose failures are counted in one period; of more, the others are counted together. */
  countedDomains: 200,
  /** Pauses at a time, the characters of a reason, and how long one with an end may last, in ms. */
  pauses: { active: 20, reasonLength: 200, maxMs: 30 * 24 * 60 * 60 * 1000 },
  /** Mails per second that a bulk action changes. */
  bulkRate: { min: 1, max: 500 },
  /**
   * Attempts to sign in. `failures` with one name from one network within `timings.dashboard.signInWindow` end that; after `unslowed` with
   * one name from anywhere each waits. `active` are in progress at a time, `activePerNetwork` of one network, and `hashes` use the CPU.
   */
  signIn: { failures: 10, unslowed: 10, active: 40, activePerNetwork: 3, hashes: 2, counted: 50_000 },
  /**
   * Single sign-on: what the provider answers, sign-ins that wait for the provider at a time, entries of OIDC_ROLES, values of the role claim,
   * a user's name, and the path to return to, which is in a cookie.
   */
  oidc: { responseBytes: 256 * 1024, active: 20, roles: 200, claimValues: 1000, nameLength: 128, pathLength: 1000 },
  /** Live pages of one dashboard session. */
  liveStreams: 12,
  /** The stored content of a mail up to which a list shows its subject; a message with attachments may have 34 MB. */
  listedContentBytes: 64 * 1024,
  /** Exports that a dashboard process writes at a time, and the mails that each reads at a time. */
  exports: { active: 4, pageMails: 250 },
  /** Saved filters of one user of the dashboard, and the length of their names. */
  savedFilters: { ofUser: 50, nameLength: 60 },
  /** Search keys of one mail: values of its metadata that are found, and the length of one. Longer ones are not. */
  searchKeys: { metadataValues: 20, valueLength: 200 },
  /** Entries of the audit log that one page of a filter reads, and how many at a time. */
  auditSearch: { entries: 2000, batch: 200 },
  /** Mails among which a word of the subject is searched. */
  subjectSearch: 1000,
  /** Of the mails with that word, the newest are shown. */
  subjectsShown: 200,
  /** The newest mails whose names are offered in a filter, and how many of each kind. */
  filterChoices: { mails: 500, names: 100 },
  /** A dashboard user's password. */
  passwordLength: { min: 12, max: 256 },
  /** Users of the dashboard in Redis. */
  users: 1000,
  /** Sessions of the dashboard: of one user, and of all. */
  sessions: { ofUser: 20, all: 2000 },
  /** API keys in Redis. */
  apiKeys: 1000,
  /** How long the previous text of a rotated API key may stay valid, in ms. */
  keyOverlapMs: 90 * 24 * 60 * 60 * 1000,
  /** Sender domains, and templates, that the rights of one API key may list. */
  keyRights: 50,
  /** Mails in the period of an API key's rate. */
  keyRate: 1_000_000,
  /** A date and time (RFC 3339). */
  timeLength: 64,
  /** An Idempotency-Key. */
  idempotencyKeyLength: 255,
  /** The header `tracestate`; a longer one is left out (W3C Trace Context asks for 512). */
  traceStateLength: 512,
  /** An X-Request-ID that a caller may choose. */
  requestIdLength: 128,
  /** RFC 5321 section 4.5.3.1: a path is at most 256 octets with its brackets, and the part before the @ at most 64. */
  addressLength: 254,
  localPartBytes: 64,
  nameLength: 128,
  /** What is searched for: an address, which may be pasted with a name or as a `mailto:` URL. */
  searchLength: 1000,
  /** A subject, or the value of a header. */
  headerLength: 998,
  /** RFC 2045: a media type with its parameters. */
  mediaTypeLength: 255,
  /** Actions of users and API keys kept in a record. */
  actionsKept: 20,
  /** Copies of one mail that are listed with it, the newest ones. */
  copiesListed: 20,
  /** Attempts kept in a record; older ones are dropped, their count stays. */
  attemptsKept: 50,
  /** The transcript kept of one attempt, as JSON. */
  transcriptBytes: 4 * 1024,
  /** One attempt or deferral in a record, as JSON. */
  attemptBytes: 64 * 1024,
  /** One reply of a server, in bytes and lines. A longer one ends the connection. */
  replyBytes: 1024 * 1024,
  replyLines: 200,
  /** How much of a reply is read. */
  replyReadLength: 4000,
  /** What a token endpoint answers. */
  tokenResponseBytes: 64 * 1024,
  /** How much of a reply is kept: in a transcript, an outcome or a receipt. */
  replyLength: 400,
  /** Failure groups that one filter may name. */
  filterGroups: 500,
  /** How many mails came into a failure group is counted for so many slots of time, of so many ms each, and the present one. */
  recentFailures: { slots: 12, slotMs: 300_000 },
});
