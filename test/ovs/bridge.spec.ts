import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type OpenVswitchOptions, openVswitchBridge, SwitchRefusedError, SwitchUnreachableError } from '#ovs';
import type { Bridge } from '#ports';
import { eventually } from '#support/eventually';
import { OPEN_VSWITCH, type PrivateSwitch, startPrivateSwitch } from '#support/private-switch';
import { describeWith } from '#support/requirement';

const NAME = 'br-aci';
const DROP = 'cookie=0x1,table=0,priority=1,actions=drop';

describeWith(OPEN_VSWITCH, 'ovs: the bridge adapter', () => {
  let ovs: PrivateSwitch;
  let bridge: Bridge;

  const options = (): OpenVswitchOptions => ({
    bridge: NAME,
    uplink: 'up0',
    database: ovs.database,
    datapath: 'dummy',
  });
  const plug = (name: string, ...settings: readonly string[]) =>
    ovs.vsctl('add-port', NAME, name, '--', 'set', 'interface', name, 'type=dummy', ...settings);
  const pod = (key: string, mac: string): readonly string[] => [
    `external_ids:aci-gateway-pod="${key}"`,
    `external_ids:attached-mac="${mac}"`,
  ];
  const flows = async (): Promise<string> => (await ovs.ofctl(NAME, 'dump-flows', '--no-stats')).trim();

  beforeEach(async () => {
    ovs = await startPrivateSwitch({ dummy: true });
    bridge = openVswitchBridge(options());
  });
  afterEach(() => ovs.stop());

  it('makes the bridge, secure, with the protocols it needs, and leaves a second start alone', async () => {
    await bridge.state();
    const settings = async () => (await ovs.vsctl('get', 'bridge', NAME, 'fail_mode', 'datapath_type')).trim();
    assert.equal(await settings(), 'secure\ndummy');
    assert.match(await ovs.vsctl('get', 'bridge', NAME, 'protocols'), /OpenFlow15/);
    const before = await ovs.vsctl('get', 'bridge', NAME, '_uuid');
    await openVswitchBridge(options()).state();
    assert.equal(await ovs.vsctl('get', 'bridge', NAME, '_uuid'), before);
  });

  it('tells the uplink, the pods and the port numbers that the switch gave, not those asked for', async () => {
    await bridge.state();
    await ovs.vsctl('set', 'interface', 'up0', 'type=dummy');
    await plug('pa', 'ofport_request=7', ...pod('ns/a', '02:00:00:00:00:0A'));
    await plug('pb', 'ofport_request=7', ...pod('ns/b', '02:00:00:00:00:0b'));
    await plug('other');
    await plug('bad', ...pod('ns/bad', '02:00,actions=normal'));
    await plug('half', 'external_ids:aci-gateway-pod="ns/half"');
    const given = async (name: string) => Number(await ovs.vsctl('get', 'interface', name, 'ofport'));
    const state = await bridge.state();
    assert.equal(state.uplink, await given('up0'));
    assert.match(state.hostMac ?? '', /^[0-9a-f:]{17}$/);
    const expected = [
      { pod: 'ns/a', port: await given('pa'), mac: '02:00:00:00:00:0a' },
      { pod: 'ns/b', port: await given('pb'), mac: '02:00:00:00:00:0b' },
    ];
    assert.notEqual(expected[0]?.port, expected[1]?.port);
    assert.deepEqual(
      state.endpoints,
      expected.sort((a, b) => a.port - b.port),
    );
  });

  it('leaves out an interface that the switch could not open', async () => {
    await bridge.state();
    await ovs
      .vsctl(
        'add-port',
        NAME,
        'nowhere',
        '--',
        'set',
        'interface',
        'nowhere',
        'type=nonsense',
        ...pod('ns/x', '02:00:00:00:00:0c'),
      )
      .catch(() => undefined);
    assert.deepEqual((await bridge.state()).endpoints, []);
    assert.equal((await bridge.state()).uplink, undefined);
  });

  it('replaces all flows', async () => {
    await bridge.replaceFlows([DROP, 'cookie=0x2,table=9,priority=5,ip,actions=drop']);
    assert.equal((await flows()).split('\n').length, 2);
    await bridge.replaceFlows([DROP]);
    assert.match(await flows(), /^\s*cookie=0x1, priority=1 actions=drop$/);
    await bridge.replaceFlows([]);
    assert.equal(await flows(), '');
  });

  it('changes nothing and says why when a flow cannot be read', async () => {
    await bridge.replaceFlows([DROP]);
    await assert.rejects(bridge.replaceFlows([DROP, 'table=0,priority=2,ip,actions=nonsense']), (error: unknown) => {
      assert.ok(error instanceof SwitchRefusedError);
      assert.match(error.message, /cannot load 2 flows: .*nonsense/);
      return true;
    });
    assert.match(await flows(), /^\s*cookie=0x1, priority=1 actions=drop$/);
  });

  it('notices two flows that are one to the switch', async () => {
    await assert.rejects(bridge.replaceFlows([DROP, DROP]), SwitchRefusedError);
  });

  it('says where it looked when there is no switch', async () => {
    const lost = openVswitchBridge({ ...options(), database: join(ovs.directory, 'nothing.sock') });
    await assert.rejects(lost.state(), /nothing\.sock/);
    await bridge.state();
    await ovs.stop();
    await assert.rejects(bridge.state(), SwitchUnreachableError);
  });

  it('makes the bridge anew that somebody took away, and secure again one that is not', async () => {
    const settings = async () => (await ovs.vsctl('get', 'bridge', NAME, 'fail_mode', 'protocols')).trim();
    await bridge.state();
    await ovs.vsctl('del-br', NAME);
    await bridge.state();
    assert.match(await settings(), /^secure\n.*OpenFlow15/);
    assert.match(await ovs.vsctl('list-ports', NAME), /up0/);
    await ovs.vsctl('del-br', NAME, '--', 'add-br', NAME, '--', 'set', 'bridge', NAME, 'datapath_type=dummy');
    await bridge.state();
    assert.match(await settings(), /^secure\n.*OpenFlow15/);
    assert.match(await ovs.vsctl('list-ports', NAME), /up0/);
    await bridge.replaceFlows([DROP]);
    assert.match(await flows(), /actions=drop$/);
  });

  it('does not wait for ever for a database that stands still', async () => {
    const impatient = openVswitchBridge({ ...options(), answerMs: 300 });
    await impatient.state();
    const stop = new AbortController();
    const watching = impatient.watch(() => undefined, stop.signal);
    ovs.pauseDatabase();
    try {
      await assert.rejects(impatient.state(), (error: unknown) => {
        assert.ok(error instanceof SwitchUnreachableError);
        assert.match(error.message, /ovsdb-server: no answer within 0.3 s/);
        return true;
      });
      stop.abort();
      await watching;
    } finally {
      ovs.resumeDatabase();
    }
    await impatient.state();
  });

  it('ends when it is stopped while it connects', async () => {
    const stop = new AbortController();
    const watching = bridge.watch(() => undefined, stop.signal);
    stop.abort();
    assert.equal(await Promise.race([watching.then(() => 'ended'), delay(2_000, 'goes on')]), 'ended');
  });

  it('tells of ports that come and go, and of a restarted switch', async () => {
    await bridge.state();
    const stop = new AbortController();
    let told = 0;
    const watching = bridge.watch(() => {
      told += 1;
    }, stop.signal);
    const toldAfter = async (act: () => Promise<unknown>): Promise<void> => {
      const before = told;
      await act();
      await eventually(() => assert.ok(told > before));
    };
    await eventually(() => assert.ok(told >= 2), { withinMs: 2_000 });
    await toldAfter(() => plug('pa', ...pod('ns/a', '02:00:00:00:00:0a')));
    await toldAfter(() => ovs.vsctl('del-port', NAME, 'pa'));
    await bridge.replaceFlows([DROP]);
    await toldAfter(() => ovs.restartDaemon());
    await eventually(async () => assert.equal(await flows(), ''));
    stop.abort();
    await watching;
    const before = told;
    await plug('pb');
    assert.equal(told, before, 'silent after the end');
  });
});
