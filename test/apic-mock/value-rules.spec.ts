import assert from 'node:assert/strict';
import { errorOf, objectsOf, type Reply } from './apic-client.js';
import { useApic } from './apic-suite.js';

/** What the integration tests of cisco.aci, written against APICs, expect of single values and of the order of children. */
describe('apic-mock: values that follow others, and those that contradict', () => {
  const apic = useApic({ reset: true });

  const post = (dn: string, className: string, attributes: Readonly<Record<string, string>>) =>
    apic.http.post<Reply>(`/api/mo/${dn}.json`, { [className]: { attributes } });

  const only = async (dn: string): Promise<Readonly<Record<string, string>>> => {
    const [object] = objectsOf(await apic.http.get<Reply>(`/api/mo/${dn}.json`));
    assert.ok(object, dn);
    return object;
  };

  describe('ports of a filter entry', () => {
    const ENTRY = 'uni/tn-common/flt-f/e-web';

    beforeEach(async () => {
      const body = { vzFilter: { attributes: { name: 'f' } } };
      assert.equal((await apic.http.post('/api/mo/uni/tn-common.json', body)).status, 200);
    });

    const ports = async (): Promise<readonly (string | undefined)[]> => {
      const { sFromPort, sToPort, dFromPort, dToPort } = await only(ENTRY);
      return [sFromPort, sToPort, dFromPort, dToPort];
    };

    it('end where they start when only the start is given', async () => {
      const made = await post(ENTRY, 'vzEntry', { etherT: 'ip', prot: 'tcp', sFromPort: '1000', dFromPort: '443' });
      assert.equal(made.status, 200);
      assert.deepEqual(await ports(), ['1000', '1000', 'https', 'https']);
    });

    it('keep an end that was given, and may start at another port again', async () => {
      await post(ENTRY, 'vzEntry', { etherT: 'ip', prot: 'tcp', dFromPort: '1000', dToPort: '2000' });
      assert.equal((await post(ENTRY, 'vzEntry', { dFromPort: '1500' })).status, 200);
      assert.deepEqual(await ports(), ['unspecified', 'unspecified', '1500', '2000']);
      assert.equal(errorOf(await post(ENTRY, 'vzEntry', { dFromPort: '3000' })).code, '1');
    });

    it('follow on an entry that has none yet', async () => {
      await post(ENTRY, 'vzEntry', { etherT: 'ip', prot: 'udp' });
      assert.equal((await post(ENTRY, 'vzEntry', { dFromPort: '53' })).status, 200);
      assert.deepEqual(await ports(), ['unspecified', 'unspecified', 'dns', 'dns']);
    });
  });

  describe('uplinks of a VMM domain at an EPG', () => {
    const UPLINKS = 'uni/tn-common/ap-a/epg-e/rsdomAtt-[uni/vmmp-VMware/dom-d]/uplinkorder';

    beforeEach(() =>
      apic.mock.load({
        fvAp: {
          attributes: { dn: 'uni/tn-common/ap-a', name: 'a' },
          children: [
            {
              fvAEPg: {
                attributes: { name: 'e' },
                children: [{ fvRsDomAtt: { attributes: { tDn: 'uni/vmmp-VMware/dom-d' } } }],
              },
            },
          ],
        },
      }),
    );

    const refusals: readonly (readonly [string, Readonly<Record<string, string>>, string, RegExp])[] = [
      ['no active one', { active: '' }, '801', /^property active of .*\/uplinkorder failed validation for value ''$/],
      ['a name', { active: 'testing' }, '801', /failed validation for value 'testing'$/],
      ['one above 32', { active: '33' }, '120', /^Invalid Configuration\. Uplink Id can not be higher than 32\.$/],
      ['one twice', { active: '1,1' }, '120', /^Invalid Configuration\. Uplink Id entered more than once/],
      [
        'one active and standby',
        { active: '1,2', standby: '2' },
        '120',
        /^Invalid Configuration\. Uplink Id entered more than once or delimiter was {2}misused\.$/,
      ],
    ];
    for (const [what, attributes, code, text] of refusals) {
      it(`refuse ${what}`, async () => {
        const error = errorOf(await post(UPLINKS, 'fvUplinkOrderCont', attributes));
        assert.deepEqual([error.status, error.code], [400, code]);
        assert.match(error.text, text);
        assert.equal(apic.mock.object(UPLINKS), undefined);
      });
    }

    it('are kept when they are apart', async () => {
      assert.equal((await post(UPLINKS, 'fvUplinkOrderCont', { active: '1,2', standby: '3,32' })).status, 200);
      assert.equal((await only(UPLINKS)).standby, '3,32');
    });
  });

  it('takes all bits from a bitmask by an empty text, and resets other types', async () => {
    const dn = 'uni/tn-common/bgpCtxP-timers';
    assert.equal((await post(dn, 'bgpCtxPol', {})).status, 200);
    assert.equal((await only(dn)).grCtrl, 'helper');
    assert.equal((await post(dn, 'bgpCtxPol', { grCtrl: '', holdIntvl: '' })).status, 200);
    assert.deepEqual([(await only(dn)).grCtrl, (await only(dn)).holdIntvl], ['', '180']);
  });

  it('takes any number where the metadata gives 0 as the greatest', async () => {
    const dn = 'uni/tn-common/eigrpIfPol-e';
    assert.equal((await post(dn, 'eigrpIfPol', { delay: '10' })).status, 200);
    assert.equal((await only(dn)).delay, '10');
  });

  it('stores a rate with six decimals', async () => {
    const dn = 'uni/infra/stormctrlifp-s';
    assert.equal((await post(dn, 'stormctrlIfPol', { rate: '80.0', burstRate: '7' })).status, 200);
    const { rate, burstRate, mcRate } = await only(dn);
    assert.deepEqual([rate, burstRate, mcRate], ['80.000000', '7.000000', '100.000000']);
    assert.equal(errorOf(await post(dn, 'stormctrlIfPol', { rate: 'much' })).code, '120');
  });

  it('shows a bitmask without a bit as nothing, however no bit is written', async () => {
    const dn = 'uni/tn-common/oobbrc-c/subj-s/rssubjFiltAtt-f';
    apic.mock.load({
      vzOOBBrCP: {
        attributes: { dn: 'uni/tn-common/oobbrc-c' },
        children: [{ vzSubj: { attributes: { name: 's' } } }],
      },
    });
    for (const directives of ['none', '', 'log,none']) {
      assert.equal((await post(dn, 'vzRsSubjFiltAtt', { directives })).status, 200, directives);
      assert.equal((await only(dn)).directives, directives === 'log,none' ? 'log' : '', directives);
    }
  });

  it('answers for firmware and maintenance policies as configuration, without secrets', async () => {
    for (const [dn, className] of [
      ['uni/fabric/fwgrp-g', 'firmwareFwGrp'],
      ['uni/fabric/maintgrp-g', 'maintMaintGrp'],
      ['uni/fabric/path-p', 'fileRemotePath'],
    ] as const) {
      const secret = className === 'fileRemotePath' ? { userPasswd: 'Very-secret-1' } : {};
      assert.equal((await post(dn, className, secret)).status, 200, dn);
      const { data } = await apic.http.get<Reply>(`/api/mo/${dn}.json?rsp-prop-include=config-only`);
      const { attributes } = data.imdata[0]?.[className] ?? {};
      assert.equal(attributes?.dn, dn);
      assert.equal(attributes?.userPasswd, undefined);
    }
  });

  it('nests children class by class, and within a class the newest first', async () => {
    apic.mock.load({ fvTenant: { attributes: { name: 'order' } } });
    for (const name of ['one', 'two', 'three']) {
      await post(`uni/tn-order/flt-${name}`, 'vzFilter', {});
      await post(`uni/tn-order/ctx-${name}`, 'fvCtx', {});
    }
    const query = 'rsp-subtree=children&rsp-subtree-class=vzFilter,fvCtx';
    const { data } = await apic.http.get<Reply>(`/api/mo/uni/tn-order.json?${query}`);
    const children = data.imdata[0]?.fvTenant?.children ?? [];
    assert.deepEqual(
      children.flatMap((child) => Object.values(child).map(({ attributes }) => attributes.rn)),
      ['ctx-three', 'ctx-two', 'ctx-one', 'flt-three', 'flt-two', 'flt-one'],
    );
    const management = await apic.http.post('/api/mo/uni/fabric.json', { commPol: { attributes: { name: 'm' } } });
    assert.equal(management.status, 200);
    const tree = await apic.http.get<Reply>('/api/mo/uni/fabric/comm-m.json?rsp-subtree=children');
    assert.deepEqual(
      tree.data.imdata[0]?.commPol?.children?.flatMap((child) => Object.keys(child)),
      ['commShellinabox', 'commSsh', 'commTelnet', 'commHttps', 'commHttp'],
    );
  });
});
