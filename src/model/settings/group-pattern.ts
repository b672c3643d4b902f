import { splitDn } from '../aci/index.js';

/** What a group of endpoints is on the APIC. */
export type FabricGroupKind = 'EndpointGroup' | 'EndpointSecurityGroup' | 'ExternalGroup';

/** Which groups of the fabric are told to Kubernetes: those of a kind in one tenant whose Dn has the form. */
export interface GroupPattern {
  /** As it was written, e.g. `uni/tn-prod/ap-legacy/epg-*`. */
  readonly text: string;
  readonly tenant: string;
  readonly kind: FabricGroupKind;
  readonly expression: RegExp;
}

/** Steps below a tenant that lead to a group, by how the last one begins. */
const KINDS: readonly (readonly [start: string, above: string, kind: FabricGroupKind])[] = [
  ['epg-', 'ap-', 'EndpointGroup'],
  ['esg-', 'ap-', 'EndpointSecurityGroup'],
  ['instP-', 'out-', 'ExternalGroup'],
];

/** What is expected of a pattern, for messages. */
export const GROUP_PATTERN_FORM =
  'expected uni/tn-TENANT/ap-PROFILE/epg-EPG, …/ap-PROFILE/esg-ESG or …/out-L3OUT/instP-EXTERNALEPG, with * for any characters of a name but in that of the tenant';

/** Reads a pattern; undefined for another form. `*` stands for any characters of one name; the tenant's is written out. */
export function readGroupPattern(text: string): GroupPattern | undefined {
  const [root, tenantRn = '', above = '', last = '', ...more] = splitDn(text);
  const tenant = /^tn-([A-Za-z0-9_.:-]+)$/.exec(tenantRn)?.[1];
  const form = KINDS.find(([start, over]) => last.startsWith(start) && above.startsWith(over));
  if (root !== 'uni' || tenant === undefined || form === undefined || more.length > 0) return undefined;
  const [start, over, kind] = form;
  const names = [above.slice(over.length), last.slice(start.length)];
  if (names.some((name) => !/^[A-Za-z0-9_.:*-]+$/.test(name))) return undefined;
  return { text, tenant, kind, expression: new RegExp(`^${text.split('*').map(literal).join('[^/[\\]]*')}$`) };
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What the group at a Dn is on the APIC; undefined where the Dn is that of no group. */
export function groupKindOf(dn: string): FabricGroupKind | undefined {
  const [, , , last = '', ...more] = splitDn(dn);
  return more.length > 0 ? undefined : KINDS.find(([start]) => last.startsWith(start))?.[2];
}
