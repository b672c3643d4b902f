export * from './metadata-page.js';
