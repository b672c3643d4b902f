export * from './object.js';
export * from './views.js';
