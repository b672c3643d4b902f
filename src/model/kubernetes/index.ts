export * from './object.js';
export * from './read-pod.js';
export * from './read-policy.js';
export * from './selector.js';
export * from './snapshot.js';
export * from './views.js';
