export { evaluateQuery, type QueryAnswer } from './evaluate.js';
export { type QueryOptions, readQueryOptions } from './query-options.js';
export { classTarget, isRoot, objectTarget, type QueryTarget } from './query-target.js';
export { type ReplyObject, statusAttributes, wireAttributes } from './wire.js';
