/** Who may do what: API keys of applications and their rights, passwords of users, roles. */
export { senderIssue } from './allowed-senders.ts';
export { type ApiKey, createApiKey, hashApiKey, isApiKey, parseApiKeys } from './api-key.ts';
export { isValidName, mayActAs, type Role, roles, ssoNamePrefix } from './identity.ts';
export {
  defaultRights,
  formatKeyRights,
  type KeyRate,
  type KeyRights,
  type MailScope,
  parseKeyRights,
  RightsError,
  ratePeriods,
} from './key-rights.ts';
export { createPassword, hashPassword, isPasswordHash, verifyPassword } from './password.ts';
