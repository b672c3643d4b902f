export { consumersOfInterface, contractBehind, contractDnsOf, heirsOf, partiesOf } from './contract-parties.js';
export { isGuest, reachesFar } from './crossing.js';
export type { TcpFlag } from './entry.js';
export { entryOf, reversed as reversedEntry } from './entry.js';
export { askFlow, type FlowQuestion, type FlowRule, type FlowSide, type FlowVerdict } from './flow.js';
export { addressIn } from './prefix.js';
export { isZoningClass, ZONING_CLASSES, Zoning } from './zoning.js';
