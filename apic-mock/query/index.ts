export { evaluateQuery } from './evaluate.js';
export { type QueryOptions, readQueryOptions } from './query-options.js';
export { classTarget, objectTarget, type QueryTarget } from './query-target.js';
export { type QueryAnswer, type ReplyObject, statusAttributes, wireAttributes } from './wire.js';
