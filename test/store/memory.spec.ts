import { memoryPolicyStore } from '#store';
import { policyStoreContract } from './policy-store-contract.js';

policyStoreContract('store: in memory', async () => memoryPolicyStore());
