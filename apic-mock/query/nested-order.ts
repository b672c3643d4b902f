import { classRow } from '#model/aci';

/**
 * Puts the children of one object, which come oldest first, in the order in which an APIC nests them: class by class, the
 * one with the highest number first, and within a class the newest first. Inferred from what the integration tests of
 * cisco.aci, written against APICs, expect at `children.0` (`commShellinabox` before `commHttp`, the second of two node
 * profiles before the first); a few of their places do not fit, and no document promises an order.
 */
export function inNestedOrder(children: { readonly className: string }[]): void {
  if (children.length < 2) return;
  children.reverse();
  const [first] = children;
  if (children.every(({ className }) => className === first?.className)) return;
  children.sort((a, b) => numberOf(b.className) - numberOf(a.className));
}

/**
 * Classes whose place is not that of their number, each list behind its first. The numbers stand for the order in which
 * a release declares the classes; these were declared among older ones (places seen by the tests of cisco.aci).
 */
const RUNS: readonly (readonly string[])[] = [
  ['bgpDomainIdAllocator', 'l3extRsProvLblDef'],
  ['commRsKeyRing', 'commRsClientCertCA'],
  ['fabricRsCommPol', 'fabricRsMacsecPol'],
  [
    'fabricRsNodeCfgSrv',
    'fabricRsCallhomeInvPol',
    'fabricRsTwampResponderPol',
    'fabricRsPsuInstPol',
    'fabricRsTwampServerPol',
    'fabricRsNodeCtrl',
    'fabricRsMonInstFabricPol',
  ],
  [
    'infraRsTopoctrlFwdScaleProfPol',
    'infraRsLeafTopoctrlUsbConfigProfilePol',
    'infraRsLeafPGrpToLldpIfPol',
    'infraRsLeafPGrpToCdpIfPol',
    'infraRsBfdIpv6InstPol',
    'infraRsSynceInstPol',
    'infraRsPoeInstPol',
    'infraRsBfdMhIpv4InstPol',
    'infraRsBfdMhIpv6InstPol',
    'infraRsEquipmentFlashConfigPol',
    'infraRsMonNodeInfraPol',
    'infraRsFcInstPol',
    'infraRsTopoctrlFastLinkFailoverInstPol',
    'infraRsMstInstPol',
    'infraRsFcFabricPol',
    'infraRsLeafCoppProfile',
    'infraRsIaclLeafProfile',
    'infraRsBfdIpv4InstPol',
    'infraRsL2NodeAuthPol',
  ],
  ['infraRsSpineCoppProfile', 'infraRsSpineBfdIpv6InstPol', 'infraRsSpineBfdIpv4InstPol', 'infraRsIaclSpineProfile'],
  ['l3extRsL3DomAtt', 'l3extProvLbl'],
];

/** Room for a run between two numbers. */
const LONGEST_RUN = 100;

const placesInRuns: ReadonlyMap<string, number> = new Map(
  RUNS.flatMap((run) => run.map((name, index) => [name, classNumber(run[0] ?? '') - index / LONGEST_RUN])),
);

const numberOf = (className: string): number => placesInRuns.get(className) ?? classNumber(className);

function classNumber(className: string): number {
  return classRow(className)?.id ?? 0;
}
