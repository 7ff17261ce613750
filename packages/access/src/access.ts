/** Who may do what: API keys of applications, passwords of people, and the roles that people have. */
export { createApiKey, hashApiKey, parseKeyHashes } from './api-key.ts';
export { hashPassword, isPasswordHash, verifyPassword } from './password.ts';
export { mayActAs, type Role, roles } from './role.ts';
