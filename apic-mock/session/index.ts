export * from './login-answer.js';
export * from './roles.js';
export * from './session-errors.js';
export * from './sessions.js';
export * from './signature.js';
export * from './tokens.js';
export * from './users.js';
