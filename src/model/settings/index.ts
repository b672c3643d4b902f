export * from './fabric-settings.js';
