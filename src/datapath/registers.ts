/** One OVS register: 32 bits that travel with the packet through the tables (ovs-fields(7)). */
export interface Register {
  readonly index: number;
  readonly meaning: string;
}

/**
 * What each register holds. Registers 2, 3, 7 and 9 are kept for the modes to come: bridge domain, VRF, tunnel endpoint
 * and VNI (docs/pipeline.md).
 */
export const REGISTER = {
  sourceGroup: { index: 0, meaning: 'tag of the group that sent the packet, 0 when no group has its address' },
  destinationGroup: { index: 1, meaning: 'tag of the group that the packet goes to, 0 when no group has its address' },
  outputPort: { index: 4, meaning: 'OpenFlow port of the local pod that gets the packet' },
  outputKind: { index: 5, meaning: 'where the packet leaves: 1 a local pod, 2 the uplink' },
  origin: { index: 6, meaning: 'where the packet came in: 1 a local pod, 2 the fabric, 3 the node itself' },
  vlan: { index: 8, meaning: "VLAN: of the sender's group (from a pod) or of the frame (from the fabric), 0 for none" },
  permit: { index: 10, meaning: 'id of the permit that admits the connection, written to ct_mark' },
  connections: { index: 11, meaning: 'id of the set of protocols and ports that the permit or the group allows' },
  opener: { index: 12, meaning: 'tag of the group that opened the connection the packet belongs to' },
  target: { index: 13, meaning: 'tag of the group that the connection was opened toward' },
} as const satisfies Readonly<Record<string, Register>>;

/** Values of {@link REGISTER}.origin. */
export const ORIGIN = { pod: 1, fabric: 2, node: 3 } as const;

/** Values of {@link REGISTER}.outputKind. */
export const OUTPUT_KIND = { pod: 1, uplink: 2 } as const;

/** A number in the form that the flow syntax takes everywhere. */
export const hex = (value: number): string => `0x${value.toString(16)}`;

/** Match: the register holds the value. */
export const registerIs = (register: Register, value: number): string => `reg${register.index}=${hex(value)}`;

/** Match: the register has these bits under the mask. */
export const registerHas = (register: Register, bits: number, mask: number): string =>
  `reg${register.index}=${hex(bits)}/${hex(mask)}`;

/** Action: the register gets the value. */
export const setRegister = (register: Register, value: number): string =>
  `set_field:${hex(value)}->reg${register.index}`;

/** The register as source or destination of `move` and `output`. */
export const registerField = (register: Register, bits = ''): string => `NXM_NX_REG${register.index}[${bits}]`;

/** Action: the second register gets the value of the first. */
export const copyRegister = (from: Register, to: Register): string =>
  `move:${registerField(from)}->${registerField(to)}`;
