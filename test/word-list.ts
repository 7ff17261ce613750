/**
 * Words and phrases that this project does not use, with what to write instead: names that were coined for it, metaphors, and words that
 * would have several meanings. docs/glossary.md has the terms that it does use. `plain-words.test.ts` searches every file for them.
 */

export interface BannedWord {
  pattern: RegExp;
  instead: string;
  /** Only in files with these extensions. */
  only?: RegExp;
}

/** A banned word that is right where it stands. */
export interface Exception {
  path: RegExp;
  /** Matched against the whole line. */
  line: RegExp;
  reason: string;
}

const code = /\.(ts|tsx|mjs|cjs|js)$/;

/** Coined names, each with the standard term. Whole words, in code. */
const coinedNames: Record<string, string> = {
  'grantedWords deniedWords': 'appliedText, rejectedText',
  'meantStates isMeant meantBy': 'applicableStates, isApplicable, restrictToApplicable',
  'isBehind behindAll': 'priority, background',
  'ProviderRoad MailRun RunEnd': 'ProviderClient, MailHandler, RunResult',
  'HeldMail concludedBy settleClaim': 'LeasedMail, recordedBy, completeClaim',
  'Judgement namedDelay writeDown untilTaken ourFault wentOut': 'Classification, parseRetryAfter, persistOutcome',
  'dotAt GateShut EGATE': 'messageStartedAt, GateDenied',
  'SaidMail MailStory MailNow MailChapters ChapterMoment storyOf': 'RenderedContent, MailStatus, MailTimeline, timelineOf',
  'provenBySamples checkHeadline disguised': 'rendersAllSamples, checkSubjectAndPreheader, redacted',
  'KeyNotHeld NoPage': 'KeyMissingError, HttpError',
  'RequestRoom tellTrouble onTrouble CircuitTrouble isWell': 'RedisHandles, reportConnectionErrors, FailureKind, isHealthy',
  'placeForLife placeAgain displace putInto takeOut foundBy placedIn': 'indexFixed, reindexMail, removeFromIndexes, addTo',
  'keepForNow forgetSome queueAgain': 'cancelExpiry, purgeBatch, requeue',
  'lookMost WorkerPresence WorkerSign WrittenSign': 'maxScanned, WorkerHeartbeat, WorkerInfo, HeartbeatRecord',
  'bulkPace takeInHand inHand': 'bulkRate, start, active',
  'giveTold takeTold giveToken takeToken': 'setFlash, consumeFlash, setSessionCookie, clearSessionCookie',
  'replyWords filterWords scopeWords countWords actionWord stateWord wordsIn': 'explainReason, describeFilter, actionLabel',
  'setsApart hasFuture followMail OpenedMail': 'templateSetNotice, canStillChange, watchMail, ReadableMail',
  'hourOfMail Whereabouts DashboardHouse theName': 'sampleHour, StartupInfo, DashboardEnvironment, requireName',
};

/** Ordinary words that were used as names for something else. Only where a name is declared. */
const misusedNames: Record<string, string> = {
  'granted grant': 'applied, apply',
  'Watched watched': 'MonitoredProvider, monitored',
  'Begun Following Conclusion conclude Settlement settle': 'BeginResult, TransitionResult, AttemptResult, recordAttempt, Decision, decide',
  'Delivered Try tried judge Trouble': 'DeliveryAttempt, classify, SmtpFailure',
  'Vocabulary Words Workshop Marks Mark': 'TemplateHelpers, CompiledSource, CompilerContext, Placeholders',
  'Waits waits': 'Timings, timings',
  'placing displace recount abandon forget': 'index functions, updateGroupCount, failUnreadable, purge',
  'Place Look look stride Rebuilt': 'Cursor, ScanResult, scan, batch, RebuildResult',
  'beat Pace pace announce announced enter carryOut': 'heartbeat, Throttle, ratePerSecond, beginChunk, pendingChunk, commitChunk, run',
  'Told Chapter Moment Reader': 'Flash, TimelineEvent, TimelineItem, PageContext',
  'Newcomer Newest Journey Places fate asked': 'SignUpRequest, RecentItems, DeliveryProgress, Urls, outcomeFor, acceptedMail',
  'Stranger understood takeIn Intake': 'ThirdPartyServer, parseOrUsageError, validateMail, ValidatedMail',
};

/** Prose, names and texts of pages alike. */
const phrases: readonly BannedWord[] = [
  { pattern: /wish(?:es|ed|ing)?(?![a-z])/i, instead: 'action, request' },
  { pattern: /\bwhoever\b/i, instead: 'anyone who, the user who' },
  { pattern: /\bbefell\b/i, instead: 'occurred' },
  { pattern: /\bamiss\b/i, instead: 'wrong' },
  { pattern: /\banew\b/i, instead: 'again' },
  { pattern: /\bof whom\b/i, instead: 'whose; turn the sentence round' },
  { pattern: /\bof which (?:nobody|no one)\b/i, instead: 'whose … is unknown' },
  { pattern: /\bin hand\b|\bits hands\b/i, instead: 'in progress' },
  { pattern: /\bmend(?:s|ed|ing)?\b/i, instead: 'fix' },
  { pattern: /\b(?<!Your )houses?\b(?! Today)/i, instead: 'sandbox, environment' },
  { pattern: /\bchapters?\b|\bchapter[A-Z]/i, instead: 'timeline entry' },
  { pattern: /\b(?:told|tells?|telling)\b/i, instead: 'report, log, notify, show; flash for a message after an action' },
  { pattern: /\b(?:told|tell)[A-Z]/, instead: 'report, log, notify, show; Flash' },
  { pattern: /\bstor(?:y|ies)\b/i, instead: 'timeline, history' },
  { pattern: /\broads?\b/i, instead: 'provider, client' },
  { pattern: /(?<!Math\.)\bfloors?\b/i, instead: 'layer' },
  { pattern: /\brooms?\b/i, instead: 'package' },
  { pattern: /\bby (?:itself|themselves)\b/i, instead: 'automatically' },
  { pattern: /\bfor good\b/i, instead: 'permanently; permanent failure' },
  { pattern: /\bfor now\b/i, instead: 'temporarily; temporary failure' },
  { pattern: /\bRedis(?: (?:is|was|went))? away\b/i, instead: 'Redis is down' },
  { pattern: /\btroubles?\b/i, instead: 'failure, error, problem' },
  { pattern: /\b(?:became|become|becomes) of\b/i, instead: 'the state or the outcome of' },
  { pattern: /\bthe books\b/i, instead: 'counters' },
  { pattern: /\bstrangers?\b/i, instead: 'third party' },
  { pattern: /\bnewcomers?\b/i, instead: 'new user' },
  { pattern: /\bjourneys?\b/i, instead: 'progress' },
  { pattern: /\b(?:is|be|are|was) well\b/i, instead: 'healthy' },
  { pattern: /\b(?:written|writes?|wrote) down\b/i, instead: 'recorded, stored' },
  { pattern: /\bnobody knows\b/i, instead: 'it is unknown' },
  { pattern: /\b(?<!de)faults?\b/i, instead: 'issue (of input), bug (ours), error; fault is only what a test injects' },
  { pattern: /\b(?:Config|Template|Record|Cursor|Usage|Session|Page|File|Our)Fault/, instead: '…Error, …Issue' },
  { pattern: /\b(?:lookMost|[a-z]+Most)\b|\b(?:most|least)\??:/, instead: 'max, min', only: code },
  { pattern: /\.(?:door|lit|unseen|who|desk|sheet|well|edge|tally|bottom|turner)\b/, instead: 'a name for what it styles', only: /\.css$/ },
  {
    pattern: /no such thing|do not go together|leave this mail be|cut you a new key|The relay said|When in doubt/i,
    instead: 'the plain text',
  },
  { pattern: /Look over|Left as they were|Broken off|taken back|Begun\b|At a time|Last heard of/, instead: 'the plain text' },
];

export const bannedWords: readonly BannedWord[] = [
  ...Object.entries(coinedNames).map(([names, instead]) => ({
    pattern: new RegExp(`\\b(?:${alternatives(names)})\\b`),
    instead,
    only: code,
  })),
  ...Object.entries(misusedNames).map(([names, instead]) => ({
    pattern: new RegExp(`\\b(?:type|interface|class|const|let|function|async) #?(?:${alternatives(names)})\\b`),
    instead,
    only: code,
  })),
  ...phrases,
];

function alternatives(names: string): string {
  return names.replaceAll(' ', '|');
}

export const exceptions: readonly Exception[] = [
  { path: /^CHANGELOG\.md$/, line: /./, reason: 'lists names as they were' },
  {
    path: /^(templates|apps\/sandbox|packages\/templates\/test)\//,
    line: /house/i,
    reason: 'the service in the sample mails is named Your House Today',
  },
  {
    path: /^(packages\/devkit|apps\/(worker|submission)\/test\/(faults|chaos)|scripts|\.github)\/|^(docs\/glossary|docs\/delivery-guarantees|ARCHITECTURE|CONTRIBUTING)\.md$/,
    line: /faults?\b/i,
    reason: 'misbehaviour that a test injects',
  },
  {
    path: /./,
    line: /fault[ -]matrix|test:faults|test\/faults|\bfault-(fixture|rows?)\b|smtp-fault|SmtpFault/i,
    reason: 'misbehaviour that a test injects',
  },
];
