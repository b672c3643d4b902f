import assert from 'node:assert/strict';
import type { ApicMock } from '#apic-mock';
import { childDn, classNames, classRow, managedObject, propertiesOf, resolveDn, rnFor } from '#model/aci';
import { type LoggedIn, loggedIn, type Reply, startPlain } from './apic-client.js';
import { minimalStep, waysFromRoot } from './minimal-objects.js';

/** What a class demands of what is above it: by class, then by class above. */
const DEMANDED_ABOVE: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  spanRsSrcToNode: { spanSrc: { spanOnDrop: 'yes' } },
};

const ENVELOPE = ['dn', 'rn', 'status', 'childAction'];

describe('apic-mock: every class of the model', () => {
  const ways = waysFromRoot();
  let mock: ApicMock;
  let http: LoggedIn['http'];

  before(async () => {
    mock = await startPlain();
    ({ http } = await loggedIn(mock));
  });
  after(() => mock.stop());

  /** Makes the ancestors of a class from inside; gives the Dn of its parent. */
  function makeParents(className: string): string {
    let parent = '';
    for (const name of (ways.get(className) ?? []).slice(0, -1)) {
      const { attributes } = minimalStep(name);
      const dn = childDn(parent, rnFor(name, attributes));
      const demanded = DEMANDED_ABOVE[className]?.[name];
      if (mock.object(dn) === undefined || demanded !== undefined) {
        mock.load(managedObject(name, { ...attributes, ...demanded, dn }));
      }
      parent = dn;
    }
    return parent;
  }

  it('has a way from the root to every class, but to those that may stand anywhere', () => {
    const without = classNames().filter((name) => name !== 'topRoot' && !ways.has(name));
    assert.deepEqual(
      without.filter((name) => !(classRow(name)?.in ?? []).includes('*')),
      [],
    );
    assert.ok(ways.size > 650, String(ways.size));
  });

  it('reads back every RN that it makes', () => {
    for (const [className, way] of ways) {
      const steps = way.map((name) => rnFor(name, minimalStep(name).attributes));
      const resolved = resolveDn(steps.join('/'));
      assert.ok(resolved.ok, `${className}: ${steps.join('/')}`);
      assert.equal(resolved.steps.map((step) => step.rn).join('/'), steps.join('/'));
      assert.deepEqual(
        resolved.steps.map((step) => step.className),
        way,
        steps.join('/'),
      );
    }
  });

  it('makes, shows, leaves alone and deletes an object of each class that a user may write', async () => {
    let made = 0;
    const problems: string[] = [];
    for (const className of ways.keys()) {
      if (classRow(className)?.configurable === false) continue;
      const parent = makeParents(className);
      const { attributes } = minimalStep(className);
      const dn = childDn(parent, rnFor(className, attributes));
      const isThere = mock.object(dn) !== undefined;
      const body = { [className]: { attributes } };
      const first = await http.post<Reply>(`/api/mo/${dn}.json`, body);
      const isRefusable = classRow(className)?.creatable === 'never' && !isThere;
      if (first.status !== 200) {
        if (!isRefusable) problems.push(`create ${dn}: ${JSON.stringify(first.data)}`);
        continue;
      }
      const [shown] = (await http.get<Reply>(`/api/mo/${dn}.json`)).data.imdata;
      const expected = Object.keys(propertiesOf(className));
      const got = Object.keys(shown?.[className]?.attributes ?? {});
      const missing = expected.filter((name) => !got.includes(name) && !ENVELOPE.includes(name));
      if (missing.length > 0) problems.push(`show ${dn}: lacks ${missing.join()}`);
      const second = await http.post<Reply>(`/api/mo/${dn}.json?rsp-subtree=modified`, body);
      if (second.data.totalCount !== '0') problems.push(`again ${dn}: ${JSON.stringify(second.data)}`);
      const deleted = await http.delete<Reply>(`/api/mo/${dn}.json`);
      const stays = classRow(className)?.creatable === 'never';
      if (!stays && deleted.status !== 200) problems.push(`delete ${dn}: ${JSON.stringify(deleted.data)}`);
      if (!stays && mock.object(dn) !== undefined) problems.push(`${dn} is still there`);
      made += 1;
    }
    assert.deepEqual(problems, []);
    assert.ok(made > 450, String(made));
  }).timeout(60_000);

  it('shows no password and no key of any class', async () => {
    const secrets = [...ways.keys()].flatMap((className) => {
      const secure = Object.entries(propertiesOf(className)).filter(([, spec]) => spec.secure === true);
      return secure.map(([property]) => ({ className, property }));
    });
    assert.ok(secrets.length >= 5, String(secrets.length));
    for (const { className, property } of secrets) {
      const { attributes } = minimalStep(className);
      const dn = childDn(makeParents(className), rnFor(className, attributes));
      mock.load(managedObject(className, { ...attributes, dn, [property]: 'Very-secret-1' }));
      for (const path of [`/api/mo/${dn}.json`, `/api/class/${className}.json?rsp-prop-include=config-only`]) {
        const answer = await http.get<Reply>(path);
        assert.equal(answer.data.totalCount === '0', false, path);
        assert.ok(!JSON.stringify(answer.data).includes('Very-secret'), `${path} shows ${property}`);
      }
    }
  });
});
