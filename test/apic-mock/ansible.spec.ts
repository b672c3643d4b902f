import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { describeWith } from '#support/requirement';
import { ansible, runPlaybook, type TaskResult } from './ansible-playbook.js';
import { startPlain } from './apic-client.js';

type Plays = ReadonlyMap<string, readonly TaskResult[]>;

/** Tasks whose module says "changed" whenever it posts, and posts a deletion whatever is there. */
const ALWAYS_CHANGED = new Set(['bulk binding']);

/** The fabric that access-objects.yml is written for. */
const PLANT = {
  fvTenant: {
    attributes: { name: 'plant' },
    children: [
      { fvCtx: { attributes: { name: 'floor' } } },
      {
        fvBD: {
          attributes: { name: 'machines' },
          children: [{ fvRsCtx: { attributes: { tnFvCtxName: 'floor' } } }],
        },
      },
      { vzBrCP: { attributes: { name: 'browse' } } },
      {
        fvAp: {
          attributes: { name: 'line' },
          children: [
            {
              fvAEPg: {
                attributes: { name: 'robots' },
                children: [{ fvRsBd: { attributes: { tnFvBDName: 'machines' } } }],
              },
            },
          ],
        },
      },
    ],
  },
};

describeWith([ansible], 'apic-mock: the Ansible collection cisco.aci', () => {
  let mock: ApicMock;
  let tenant: Plays;
  let access: Plays;
  let rest: Plays;
  let objectsBefore: number;

  before(async function () {
    this.timeout(240_000);
    mock = await startPlain({ version: '6.0(9c)' });
    mock.load(PLANT);
    objectsBefore = mock.size();
    // Side by side: the collection starts one Python a task, which two cores share.
    [tenant, [access, rest]] = await Promise.all([
      runPlaybook(mock, 'tenant.yml'),
      runPlaybook(mock, 'access.yml').then(async (plays) => [plays, await runPlaybook(mock, 'rest.yml')] as const),
    ]);
  });
  after(() => mock.stop());

  const task = (plays: Plays, play: string, name: string): TaskResult => {
    const found = plays.get(play)?.find((result) => result.task === name);
    assert.ok(found, `${play}: ${name} did not run`);
    return found;
  };

  /** Tasks of a play that failed or did not say `changed` as expected, with what they said. */
  const unexpected = (plays: Plays, play: string, changed: boolean): readonly string[] =>
    (plays.get(play) ?? [])
      .filter((result) => result.failed || (result.changed !== changed && !ALWAYS_CHANGED.has(result.task)))
      .map((result) => `${result.task}: changed ${result.changed} ${result.message}`);

  const passes: readonly (readonly [string, boolean, string])[] = [
    ['check', true, 'would create everything in check mode'],
    ['present', true, 'creates everything'],
    ['present again', false, 'has nothing to change the second time'],
    ['query', false, 'finds everything'],
    ['absent', true, 'deletes everything'],
    ['absent again', false, 'has nothing to delete the second time'],
  ];
  const books: readonly (readonly [string, () => Plays, number])[] = [
    ['tenants, groups and contracts', () => tenant, 16],
    ['domains, bindings and L3Outs', () => access, 14],
  ];
  for (const [book, plays, atLeast] of books) {
    for (const [play, changed, what] of passes) {
      it(`${book}: ${what}`, () => {
        assert.deepEqual(unexpected(plays(), play, changed), []);
        assert.ok((plays().get(play)?.length ?? 0) >= atLeast);
        if (play !== 'query') return;
        const empty = plays()
          .get(play)
          ?.filter(({ result }) => !Array.isArray(result.current) || result.current.length === 0);
        assert.deepEqual(
          empty?.map(({ task: name }) => name),
          [],
        );
      });
    }
  }

  it('stores nothing in check mode, and leaves nothing behind', () => {
    assert.equal(mock.object('uni/tn-shop'), undefined);
    assert.equal(mock.size(), objectsBefore);
    const firstWrite = mock.requestLog().find(({ method, url }) => method === 'POST' && !url.includes('aaaLogin'));
    assert.ok(firstWrite);
    const checked = [...(tenant.get('check') ?? []), ...(access.get('check') ?? [])];
    // The bulk module shows what it proposes as the current state.
    const stored = checked.filter(
      ({ result, task: name }) => (result.current as []).length > 0 && name !== 'bulk binding',
    );
    assert.deepEqual(
      stored.map(({ task: name }) => name),
      [],
    );
  });

  it('aci_rest sees its changes, and only those', () => {
    for (const name of ['created', 'modified', 'deleted']) assert.equal(task(rest, 'rest', name).changed, true, name);
    for (const name of ['the same again', 'read', 'class read', 'deleted again']) {
      const said = task(rest, 'rest', name);
      assert.deepEqual([said.changed, said.failed], [false, false], `${name}: ${said.message}`);
    }
    const [tree] = task(rest, 'rest', 'read').result.imdata as { fvTenant: { children: readonly unknown[] } }[];
    assert.match(JSON.stringify(tree), /"descr":\s*"otherwise".*"fvAEPg"/);
  });

  it('aci_rest fails with the words of the APIC', () => {
    assert.match(task(rest, 'rest', 'unknown class').message, /APIC Error 122: unknown managed object class fvFoobar/);
    assert.match(
      task(rest, 'rest', 'unknown attribute').message,
      /APIC Error 400: unknown attribute 'description' in element 'fvTenant'/,
    );
    assert.match(task(rest, 'session', 'wrong password').message, /Username or password is incorrect/);
  });

  it('tells its release to modules that depend on it', () => {
    const system = JSON.stringify(task(rest, 'session', 'system').result.current);
    assert.match(system, /"version":"6\.0\(9c\)"/);
    assert.match(system, /"role":"controller"/);
  });

  it('does not fail once by itself', () => {
    assert.equal(mock.counters().internalErrors, 0);
  });
});
