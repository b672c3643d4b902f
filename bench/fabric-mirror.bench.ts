// `npm run bench -- fabric-mirror [GROUPS]`: memory of the mirror against its own estimate, and the cost of lists and events.
import { FAULT_CLASSES } from '#fabric';
import { type FlatObject, ORCHESTRATOR } from '#model/aci';
import { silentLogger } from '#runtime';
import { FabricMirror } from '../workers/fabric-mirror.js';
import { judge, timed } from './figures.js';

const TENANT = 'uni/tn-k8s-prod';
const AP = `${TENANT}/ap-k8s-prod`;
/** Error of the estimate, as a share of the real growth of the heap. */
const ERROR = 0.15;

/** What an APIC says of every object beside its own attributes (apic-protocol.md §6.4). */
const common = (dn: string, name: string): Record<string, string> => ({
  annotation: ORCHESTRATOR,
  childAction: '',
  descr: '',
  dn,
  extMngdBy: '',
  lcOwn: 'local',
  modTs: '2026-01-02T03:04:05.678+00:00',
  monPolDn: 'uni/tn-common/monepg-default',
  name,
  nameAlias: '',
  rn: '',
  status: '',
  uid: '15374',
  userdom: ':all:',
});

const object = (className: string, dn: string, more: Record<string, string>): FlatObject => ({
  className,
  dn,
  attributes: { ...common(dn, more['name'] ?? ''), ...more },
});

/** What one group of pods is on the APIC, with its contract. */
function groupObjects(index: number): readonly FlatObject[] {
  const name = `namespace-${index}`;
  const epg = `${AP}/epg-${name}`;
  const contract = `${TENANT}/brc-k8s-prod.${name}`;
  const marks = (of: string): readonly FlatObject[] =>
    ['owner', 'source', 'hash', 'signature'].map((key) => {
      const value = key === 'owner' ? 'k8s-prod' : `${key}/${name}/${'0123456789abcdef'.repeat(2)}`;
      return object('tagAnnotation', `${of}/annotationKey-[aci-gateway-${key}]`, { key: `aci-gateway-${key}`, value });
    });
  return [
    object('fvAEPg', epg, {
      name,
      descr: `namespace ${name}`,
      pcTag: String(index),
      matchT: 'AtleastOne',
      prio: 'unspecified',
    }),
    ...marks(epg),
    object('fvRsBd', `${epg}/rsbd`, { tnFvBDName: 'pods', state: 'formed', tDn: `${TENANT}/BD-pods` }),
    object('fvRsDomAtt', `${epg}/rsdomAtt-[uni/phys-k8s-prod]`, { tDn: 'uni/phys-k8s-prod', instrImedcy: 'immediate' }),
    object('fvRsProv', `${epg}/rsprov-k8s-prod.${name}`, { tnVzBrCPName: `k8s-prod.${name}`, matchT: 'AtleastOne' }),
    object('fvRsCons', `${epg}/rscons-k8s-prod.${name}`, { tnVzBrCPName: `k8s-prod.${name}`, prio: 'unspecified' }),
    object('vzBrCP', contract, { name: `k8s-prod.${name}`, scope: 'context', prio: 'unspecified' }),
    ...marks(contract),
    object('vzSubj', `${contract}/subj-all`, { name: 'all', revFltPorts: 'yes' }),
    object('vzRsSubjFiltAtt', `${contract}/subj-all/rssubjFiltAtt-any`, { tnVzFilterName: 'any', action: 'permit' }),
    object('faultInst', `${epg}/rsprov-k8s-prod.${name}/fault-F0467`, {
      code: 'F0467',
      lc: 'raised',
      severity: 'minor',
    }),
  ];
}

const fabric = (groups: number): string =>
  JSON.stringify(Array.from({ length: groups }, (_, index) => groupObjects(index)).flat());

/** Bytes of the heap in use after a collection. */
function heap(): number {
  for (let times = 0; times < 4; times += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** A mirror, in a function of its own so that nothing but the mirror holds what was read. */
function filled(read: () => readonly FlatObject[]): FabricMirror {
  const mirror = new FabricMirror(() => undefined, silentLogger);
  mirror.replaced(read());
  return mirror;
}

async function run(groups: number): Promise<void> {
  // As text, so that the strings come from the wire as they do in the gateway and only the mirror holds them.
  const wire = fabric(groups);
  const read = (): readonly FlatObject[] => JSON.parse(wire) as readonly FlatObject[];
  filled(read);
  const before = heap();
  const mirror = filled(read);
  const grown = heap() - before;
  const { objects, faults, bytes } = mirror.size;
  const withMirror = heap();
  const whole = read();
  const raw = heap() - withMirror;
  console.log(
    `${objects} objects, ${faults} faults: heap ${mega(grown)} MB, estimate ${mega(bytes)} MB; as listed ${mega(raw)} MB`,
  );
  judge(`error of the estimate with ${objects} objects`, Math.abs(bytes - grown) / grown, { atMost: ERROR });
  const relistMs = await timed(async () => mirror.replaced(read()));
  console.log(`list that brings nothing new: ${relistMs.toFixed(0)} ms with reading its text`);
  const configured = whole.filter(({ className }) => !FAULT_CLASSES.has(className));
  const deleteMs = await timed(async () => {
    for (const { className, dn } of configured) mirror.changed({ kind: 'deleted', className, dn, attributes: {} });
  });
  judge(`ms for the deletion of each object by an event, ${configured.length} objects`, deleteMs, {
    atMost: configured.length / 10,
  });
}

const mega = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

const [given] = process.argv.slice(2);
for (const groups of given === undefined ? [300, 3000] : [Number(given)]) await run(groups);
