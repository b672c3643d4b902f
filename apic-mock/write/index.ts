export { applyNode, deleteObject } from './apply.js';
export { type Place, placeOf, placeRequest, ROOT } from './placement.js';
export { type RequestNode, readJsonBody } from './request-node.js';
export { checkChanges } from './transaction-rules.js';
export type { Authority, WriteNode, WriteStatus } from './write-node.js';
export { readXmlBody } from './xml-body.js';
