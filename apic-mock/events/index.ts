export * from './sockets.js';
export * from './subscriptions.js';
