import { type ManagedObject, managedObject as object } from '#model/aci';

/** An EPG of a bridge domain, `b` when not said. */
export const epg = (name: string, ...children: readonly ManagedObject[]): ManagedObject =>
  epgIn('b', name, ...children);

/** An EPG of a bridge domain. */
export const epgIn = (tnFvBDName: string, name: string, ...children: readonly ManagedObject[]): ManagedObject =>
  object('fvAEPg', { name }, [object('fvRsBd', { tnFvBDName }), ...children]);

export const provides = (tnVzBrCPName: string): ManagedObject => object('fvRsProv', { tnVzBrCPName });
export const consumes = (tnVzBrCPName: string): ManagedObject => object('fvRsCons', { tnVzBrCPName });

/** A VRF with a bridge domain whose subnet, if one is given, has a scope. */
export const vrfWithBridgeDomain = (
  vrf: string,
  bridgeDomain: string,
  ...subnets: readonly ManagedObject[]
): readonly ManagedObject[] => [
  object('fvCtx', { name: vrf }),
  object('fvBD', { name: bridgeDomain }, [object('fvRsCtx', { tnFvCtxName: vrf }), ...subnets]),
];

/** An L3Out with one external EPG. */
export const externalEpg = (name: string, vrf: string, ...children: readonly ManagedObject[]): ManagedObject =>
  object('l3extOut', { name }, [
    object('l3extRsEctx', { tnFvCtxName: vrf }),
    object('l3extInstP', { name: 'i' }, children),
  ]);

/** A contract for the filter `http`: to port 80 by TCP. */
export const webContract = (name: string, scope: string): ManagedObject =>
  object('vzBrCP', { name, scope }, [
    object('vzSubj', { name: 's' }, [object('vzRsSubjFiltAtt', { tnVzFilterName: 'http' })]),
  ]);

export const http80 = object('vzFilter', { name: 'http' }, [
  object('vzEntry', { name: 'e', etherT: 'ip', prot: 'tcp', dFromPort: '80', dToPort: '80' }),
]);

/** A tenant with a VRF, a bridge domain and the contract `web` for port 80. */
export const base = (...more: readonly ManagedObject[]): ManagedObject =>
  object('fvTenant', { name: 't' }, [...vrfWithBridgeDomain('v', 'b'), http80, webContract('web', 'context'), ...more]);

export const CLIENT = 'uni/tn-t/ap-a/epg-client';
export const SERVER = 'uni/tn-t/ap-a/epg-server';

/** A consumer and a provider of `web`. */
export const pair = object('fvAp', { name: 'a' }, [epg('client', consumes('web')), epg('server', provides('web'))]);
