export { type OpenVswitchOptions, openVswitchBridge } from './bridge.js';
export { MAC_KEY, POD_KEY } from './bridge-rows.js';
export { SwitchRefusedError, SwitchUnreachableError } from './errors.js';
export { jsonSplitter } from './json-stream.js';
