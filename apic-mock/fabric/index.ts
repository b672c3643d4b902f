export * from './fabric.js';
