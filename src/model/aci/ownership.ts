/** `annotation` of every object that the gateway writes, after the convention `orchestrator:<name>` (aci-model.md §3). */
export const ORCHESTRATOR = 'orchestrator:aci-gateway';

/** Keys of the tagAnnotations on each object that is owned as a whole, together with everything below it. */
export const MARK_KEYS = {
  /** Cluster id of the gateway that owns the object. */
  owner: 'aci-gateway-owner',
  /** Kubernetes objects that asked for it. */
  source: 'aci-gateway-source',
  /** Hash of what was written. */
  hash: 'aci-gateway-hash',
  /** On EPGs: what policies saw in the group, so that a lost allocation is found again. */
  signature: 'aci-gateway-signature',
  /** On EPGs: VNI of the group in the overlay. */
  vni: 'aci-gateway-vni',
  /** On EPGs: groups of the policy that are one in the fabric. Many take several marks, with `.1`, `.2` … after the key. */
  joined: 'aci-gateway-joined',
} as const;

/** Dn of a mark of an object. */
export const markDn = (dn: string, key: string): string => `${dn}/annotationKey-[${key}]`;
