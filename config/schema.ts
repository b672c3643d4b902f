import { z } from 'zod';
import { readPathDn } from '#model/aci';
import {
  DEFAULT_APPLY_SETTINGS,
  DEFAULT_HOST_PORTS_PER_LEAF,
  DEFAULT_LIMITS,
  GROUP_PATTERN_FORM,
  readGroupPattern,
} from '#model/settings';
import { drift } from './drift-settings.js';
import { hasUser } from './url-user.js';

const aciName = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'expected 1 to 64 of A-Z, a-z, 0-9 and _ . : -');
/** Tenants, VRFs and bridge domains take no colon (aci-model.md §3). */
const plainName = z.string().regex(/^[A-Za-z0-9_.-]{1,63}$/, 'expected 1 to 63 of A-Z, a-z, 0-9 and _ . -');
const vlan = z.number().int().min(2).max(4094);
const vni = z.number().int().min(1).max(16_777_215);
const port = z.number().int().min(0).max(65_535);
/** @param instead where the user belongs. */
const url = (instead: string) =>
  z
    .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
    .refine((text) => !hasUser(text), `expected a URL without user and password; set ${instead} instead`);

const named = (name: z.ZodString) =>
  z.strictObject({ name: name.optional(), own: z.boolean().default(true) }).prefault({});

const limit = (standard: number) => z.number().int().min(1).default(standard);

/** What a fabric holds; one key a resource. */
const limits = z
  .strictObject({
    endpointGroups: limit(DEFAULT_LIMITS.endpointGroups),
    externalGroups: limit(DEFAULT_LIMITS.externalGroups),
    contracts: limit(DEFAULT_LIMITS.contracts),
    filters: limit(DEFAULT_LIMITS.filters),
    vlansPerLeaf: limit(DEFAULT_LIMITS.vlansPerLeaf),
    portVlansPerLeaf: limit(DEFAULT_LIMITS.portVlansPerLeaf),
    policyEntriesPerLeaf: limit(DEFAULT_LIMITS.policyEntriesPerLeaf),
  })
  .prefault({});

const EXPECTED_PATH =
  'expected the Dn of a leaf port or bundle, e.g. topology/pod-1/paths-101/pathep-[eth1/1] or, with the lower leaf first, topology/pod-1/protpaths-101-102/pathep-[vpc-{node}]';

/** A node hangs on each path once; `{node}` may stand in the name of a port or bundle only, so the leaves are known. */
const pathDn = z
  .string()
  .refine((text) => readPathDn(text) !== undefined && !text.split('/pathep-[')[0]?.includes('{'), EXPECTED_PATH);

const hostPaths = z
  .record(z.string().min(1, 'expected the name of a node, or a pattern with *'), z.array(pathDn).min(1))
  .default({});

const fabric = z
  .strictObject({
    tenant: named(plainName),
    vrf: z
      .strictObject({ name: plainName.optional(), own: z.boolean().default(true), tenant: plainName.optional() })
      .prefault({}),
    applicationProfile: aciName.optional(),
    bridgeDomain: z
      .strictObject({
        name: plainName.default('pods'),
        own: z.boolean().default(true),
        gateways: z.array(z.string()).min(1).default(['10.244.0.1/16']),
        mac: z
          .string()
          .regex(/^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/, 'expected a MAC address')
          .default('00:22:BD:F8:19:FF'),
      })
      .prefault({}),
    physicalDomain: named(aciName),
    attachableEntityProfile: named(aciName),
    vlanPool: z
      .strictObject({
        name: aciName.optional(),
        own: z.boolean().default(true),
        from: vlan.default(1000),
        to: vlan.default(3499),
      })
      .prefault({})
      .refine((pool) => pool.from <= pool.to, 'from must not be greater than to'),
    vniPool: z
      .strictObject({ from: vni.default(8192), to: vni.default(16_777_215) })
      .refine((pool) => pool.from <= pool.to, 'from must not be greater than to')
      .optional(),
    l3out: z
      .strictObject({
        name: aciName.default('external'),
        own: z.boolean().default(true),
        tenant: plainName.optional(),
      })
      .prefault({}),
    vrfWidePermits: z.boolean().optional(),
    vzAnyContracts: z.enum(['auto', 'always', 'never']).optional(),
    hostPortsPerLeaf: limit(DEFAULT_HOST_PORTS_PER_LEAF),
    limits,
    freedNumbersRestSeconds: z.number().min(0).max(604_800).default(3600),
    mergeGroupsAfterSeconds: z.number().min(0).max(86_400).default(60),
    encoding: z.enum(['aep', 'path']).default('aep'),
    hostPaths,
    nodes: z.strictObject({ epg: z.string(), addresses: z.array(z.string()).min(1).optional() }).optional(),
    foreignEpgs: z
      .array(z.strictObject({ dn: z.string(), addresses: z.array(z.string()).min(1).optional() }))
      .default([]),
  })
  .refine(({ encoding, hostPaths: paths }) => encoding !== 'path' || Object.keys(paths).length > 0, {
    path: ['hostPaths'],
    error:
      'encoding: path needs the leaf ports of the nodes; expected at least one entry, e.g. "*": [topology/pod-1/protpaths-101-102/pathep-[{node}]]',
  });

const EXPECTED_PORT = 'expected PROTOCOL:PORT or PROTOCOL:FROM-TO with TCP, UDP or SCTP, e.g. TCP:5432';

function isPortRange(text: string): boolean {
  const [, from, to = from] = /^(?:TCP|UDP|SCTP):(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  return from !== undefined && 1 <= Number(from) && Number(from) <= Number(to) && Number(to) <= 65_535;
}

/** Who may ask for what by FabricPolicy. */
const fabricPolicies = z
  .strictObject({
    allow: z
      .array(
        z.strictObject({
          namespaces: z.array(z.string().min(1)).min(1),
          groups: z.array(z.string().min(1)).min(1),
          ports: z.array(z.string().refine(isPortRange, EXPECTED_PORT)).min(1).optional(),
        }),
      )
      .default([]),
  })
  .prefault({});

/** What of the fabric is told to Kubernetes. */
const inventory = z
  .strictObject({
    groups: z.array(z.string().refine((text) => readGroupPattern(text) !== undefined, GROUP_PATTERN_FORM)).default([]),
    ipConflicts: z.boolean().default(true),
  })
  .prefault({});

const apic = z
  .strictObject({
    urls: z.array(url('apic.user and apic.passwordFile')).min(1),
    user: z.string().min(1).default('admin'),
    password: z.string().optional(),
    passwordFile: z.string().optional(),
    domain: z.string().optional(),
    certificateName: aciName.optional(),
    keyFile: z.string().optional(),
    ca: z.string().optional(),
    caFile: z.string().optional(),
    pinnedSha256: z
      .array(
        z.string().regex(/^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/, 'expected a SHA-256 fingerprint in hexadecimal'),
      )
      .min(1)
      .optional(),
    insecureSkipTlsVerify: z.boolean().default(false),
    format: z.enum(['json', 'xml']).default('json'),
    timeoutSeconds: z.number().positive().default(30),
    subscriptionSeconds: z.number().int().min(30).max(36_000).default(900),
    relistSeconds: z.number().min(1).max(86_400).default(3600),
  })
  .superRefine((settings, context) => {
    for (const [path, message] of contradictions(settings)) context.addIssue({ code: 'custom', path: [path], message });
  });

type ApicFields = Readonly<Partial<Record<'password' | 'passwordFile' | 'domain', string | undefined>>> &
  Readonly<Partial<Record<'certificateName' | 'keyFile' | 'ca' | 'caFile', string | undefined>>> & {
    readonly pinnedSha256?: readonly string[] | undefined;
    readonly insecureSkipTlsVerify: boolean;
  };

/** Settings of the APIC that do not go together: the field, and what to do. */
function contradictions(apic: ApicFields): readonly (readonly [string, string])[] {
  const { certificateName, keyFile } = apic;
  const found: [string, string][] = [];
  if (certificateName !== undefined && keyFile === undefined) {
    found.push(['keyFile', 'missing; certificateName needs the file with the private key of the certificate']);
  }
  if (keyFile !== undefined && certificateName === undefined) {
    found.push(['certificateName', 'missing; keyFile needs the name of the certificate on the APIC']);
  }
  if (certificateName !== undefined || keyFile !== undefined) {
    for (const other of ['password', 'passwordFile', 'domain'] as const) {
      if (apic[other] === undefined) continue;
      found.push([
        other,
        'is for a login with a password; with certificateName and keyFile requests are signed. Use one',
      ]);
    }
  }
  if (apic.ca !== undefined && apic.caFile !== undefined) {
    found.push(['ca', 'is the text of what caFile would hold; use one of them']);
  }
  if (apic.insecureSkipTlsVerify && (apic.pinnedSha256 ?? apic.ca ?? apic.caFile) !== undefined) {
    found.push([
      'insecureSkipTlsVerify',
      'true accepts any certificate, whatever ca, caFile and pinnedSha256 say; use one',
    ]);
  }
  return found;
}

const kubernetes = z
  .strictObject({
    url: url('kubernetes.kubeconfig').optional(),
    kubeconfig: z.string().optional(),
    context: z.string().optional(),
  })
  .prefault({});

const store = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('memory') }),
    z.strictObject({
      kind: z.literal('etcd'),
      endpoints: z.array(url('store.user and store.passwordFile')).min(1),
      user: z.string().optional(),
      passwordFile: z.string().optional(),
      caFile: z.string().optional(),
      certificateFile: z.string().optional(),
      keyFile: z.string().optional(),
    }),
  ])
  .prefault({ kind: 'memory' });

const queue = z
  .strictObject({
    redis: z
      .strictObject({
        url: z.url({
          protocol: /^rediss?$/,
          error: 'expected a redis or rediss URL, e.g. rediss://redis.example.org:6379',
        }),
        prefix: z
          .string()
          .regex(/^[A-Za-z0-9_.:{}-]{1,100}$/, 'expected 1 to 100 of A-Z, a-z, 0-9 and _ . : - { }')
          .optional(),
        passwordFile: z.string().optional(),
        caFile: z.string().optional(),
        concurrency: z.number().int().min(0).max(256).default(4),
        takeoverSeconds: z.number().min(1).max(3600).default(15),
      })
      .optional(),
  })
  .prefault({});

const agent = z
  .strictObject({
    bridge: z.string().default('br-int'),
    uplink: z.string().default('uplink'),
    database: z.string().default('/var/run/openvswitch/db.sock'),
    datapath: z.enum(['system', 'netdev']).default('system'),
  })
  .prefault({});

const { approval: APPROVAL, batchObjects, batchBytes, hostsFollowMs } = DEFAULT_APPLY_SETTINGS;

const apply = z
  .strictObject({
    batchObjects: z.number().int().min(1).max(10_000).default(batchObjects),
    batchBytes: z.number().int().min(1000).max(10_000_000).default(batchBytes),
    hostsFollowSeconds: z
      .number()
      .min(0)
      .max(60)
      .default(hostsFollowMs / 1000),
    approval: z
      .strictObject({
        maxDeletes: z.number().int().min(0).default(APPROVAL.maxDeletes),
        maxDeleteShare: z.number().min(0).max(1).default(APPROVAL.maxDeleteShare),
        shareCountsFrom: z.number().int().min(0).default(APPROVAL.shareCountsFrom),
      })
      .prefault({}),
  })
  .prefault({});

/** A lease shorter than that is lost to every pause of an API server; a longer one leaves nobody leading for minutes. */
const [LEAST_LEASE, LONGEST_LEASE] = [5, 300];

const leaderElection = z.strictObject({
  namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expected the name of a namespace'),
  leaseSeconds: z.number().int().min(LEAST_LEASE).max(LONGEST_LEASE).default(15),
});

/** Everything an operator may set, with its default. Unknown keys are refused: a misspelt one would be ignored silently. */
export const configurationSchema = z
  .strictObject({
    clusterId: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/, 'expected 1 to 24 of a-z, 0-9 and -')
      .default('kubernetes'),
    kubernetes,
    leaderElection: leaderElection.optional(),
    apic: apic.optional(),
    fabric: fabric.prefault({}),
    drift,
    inventory,
    fabricPolicies,
    store,
    queue,
    agent,
    apply,
    api: z
      .strictObject({
        host: z.string().default('127.0.0.1'),
        port: port.default(8080),
        tokenFile: z.string().optional(),
      })
      .prefault({}),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  })
  .refine(({ queue: { redis }, store: { kind } }) => redis?.concurrency !== 0 || kind !== 'memory', {
    path: ['queue', 'redis', 'concurrency'],
    error: '0 leaves all work to workers, and none can share a store in memory; set at least 1, or store.kind: etcd',
  });

/** A configuration with all defaults filled in. */
export type Configuration = z.infer<typeof configurationSchema>;
