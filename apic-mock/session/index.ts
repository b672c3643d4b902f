export * from './login-answer.js';
export * from './session-errors.js';
export * from './sessions.js';
export * from './tokens.js';
export * from './users.js';
