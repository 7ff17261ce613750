/** Who may do what: API keys of applications, passwords of users, roles. */
export { createApiKey, hashApiKey, parseKeyHashes } from './api-key.ts';
export { isValidName, mayActAs, type Role, roles } from './identity.ts';
export { hashPassword, isPasswordHash, verifyPassword } from './password.ts';
