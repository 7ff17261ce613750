/** The sandbox as `npm start` runs it without settings, on free ports. */
export const sandboxSettings = {
  once: false,
  relay: undefined,
  redis: undefined,
  secret: undefined,
  webPort: 0,
  apiPort: 0,
  dashboardPort: 0,
  submissionPort: 0,
  fromDomains: [],
  logLevel: 'info',
};
