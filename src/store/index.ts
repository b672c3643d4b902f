export { StoreUnreachableError } from './errors.js';
export { type EtcdPolicyStoreOptions, etcdPolicyStore } from './etcd.js';
export { memoryPolicyStore } from './memory.js';
export { decodeNodePolicy, encodeNodePolicy } from './node-policy-codec.js';
