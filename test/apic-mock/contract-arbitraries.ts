import fc from 'fast-check';
import { type ManagedObject, managedObject as object } from '#model/aci';

/** Names of the contracts. */
export const CONTRACTS = ['k', 'l', 'm'];
const FILTERS = ['f', 'g', 'h'];
/** Ports that entries and packets are about. */
export const PORTS = [22, 80, 443, 8080];

const port = fc.constantFrom(...PORTS);
const portRange = fc.tuple(port, port).map(([a, b]) => [String(Math.min(a, b)), String(Math.max(a, b))] as const);

const tcpOrUdp = fc
  .record({
    prot: fc.constantFrom('tcp', 'udp'),
    side: fc.constantFrom('d', 's', 'none'),
    range: portRange,
    tcpRules: fc.constantFrom('unspecified', 'unspecified', 'est', 'syn', 'ack', 'ack,rst'),
    stateful: fc.boolean(),
  })
  .map(({ prot, side, range: [from, to], tcpRules, stateful }) => ({
    etherT: 'ip',
    prot,
    ...(side === 'none' ? {} : { [`${side}FromPort`]: from, [`${side}ToPort`]: to }),
    ...(prot === 'tcp' ? { tcpRules, stateful: stateful ? 'yes' : 'no' } : {}),
  }));

const entry = fc.oneof(
  { weight: 6, arbitrary: tcpOrUdp },
  fc.constantFrom<Record<string, string>>(
    {},
    { etherT: 'ip' },
    { etherT: 'ipv6' },
    { etherT: 'arp' },
    { etherT: 'ipv4', prot: 'icmp' },
    { etherT: 'ip', prot: '132' },
    { etherT: 'ip', applyToFrag: 'yes' },
  ),
);

/** Filters with some entries each. */
export const filters = fc.tuple(...FILTERS.map(() => fc.array(entry, { maxLength: 3 }))).map((lists) =>
  lists.map((entries, index) =>
    object(
      'vzFilter',
      { name: FILTERS[index] ?? '' },
      entries.map((attributes, number) => object('vzEntry', { name: `e${number}`, ...attributes })),
    ),
  ),
);

const someFilters = fc.uniqueArray(fc.constantFrom(...FILTERS), { minLength: 1, maxLength: 2 });
const priorityOverride = fc.constantFrom('default', 'default', 'level1', 'level2', 'level3');
const attachments = (className: string, withAction: boolean): fc.Arbitrary<ManagedObject[]> =>
  fc
    .tuple(someFilters, fc.boolean(), priorityOverride, fc.constantFrom('none', 'none', 'log'))
    .map(([names, denies, level, directives]) =>
      names.map((tnVzFilterName) =>
        object(className, {
          tnVzFilterName,
          directives,
          ...(withAction && denies ? { action: 'deny', priorityOverride: level } : {}),
        }),
      ),
    );

const subject = fc.oneof(
  fc
    .tuple(attachments('vzRsSubjFiltAtt', true), fc.boolean())
    .map(([children, turned]) => object('vzSubj', { name: 's', revFltPorts: turned ? 'yes' : 'no' }, children)),
  fc
    .tuple(attachments('vzRsFiltAtt', false), attachments('vzRsFiltAtt', false))
    .map(([there, back]) =>
      object('vzSubj', { name: 't', revFltPorts: 'no' }, [
        object('vzInTerm', {}, there),
        object('vzOutTerm', {}, back),
      ]),
    ),
);

/** Contracts with some subjects each. */
export const contracts = fc
  .tuple(...CONTRACTS.map(() => fc.uniqueArray(subject, { maxLength: 2, selector: (it) => it.attributes['name'] })))
  .map((lists) => lists.map((subjects, index) => object('vzBrCP', { name: CONTRACTS[index] ?? '' }, subjects)));

/** Relations to contracts, of some of these classes. */
export const roles = (...classes: readonly string[]): fc.Arbitrary<ManagedObject[]> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...classes), fc.constantFrom(...CONTRACTS)), {
      maxLength: 4,
      selector: String,
    })
    .map((pairs) => pairs.map(([className, tnVzBrCPName]) => object(className, { tnVzBrCPName })));
