import assert from 'node:assert/strict';
import type { AxiosInstance } from 'axios';
import { startApicMock } from '#apic-mock';
import { classNames, classRow } from '#model/aci';
import { ADMIN, httpClient } from './apic-client.js';
import { useApic } from './apic-suite.js';

interface Metadata {
  readonly identifiedBy: readonly string[];
  readonly rnFormat: string;
  readonly dnFormats: readonly string[];
  readonly contains: Readonly<Record<string, string>>;
  readonly containedBy: Readonly<Record<string, string>>;
  readonly rnMap: Readonly<Record<string, string>>;
  readonly superClasses: readonly string[];
  readonly isConfigurable: boolean;
  readonly isCreatableDeletable: string;
  readonly relationInfo?: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('apic-mock: beside the objects', () => {
  const apic = useApic();
  const anybody = (): AxiosInstance => httpClient(apic.mock);

  describe('model metadata', () => {
    const page = async (path: string): Promise<Metadata> => {
      const answer = await anybody().get<Readonly<Record<string, Metadata>>>(`/doc/jsonmeta/${path}.json`);
      assert.equal(answer.status, 200);
      const [metadata] = Object.values(answer.data);
      assert.ok(metadata);
      return metadata;
    };

    it('tells anybody of a class what Cisco tells of it', async () => {
      const relation = await page('fv/RsBd');
      assert.deepEqual(relation.identifiedBy, []);
      assert.equal(relation.rnFormat, 'rsbd');
      assert.deepEqual(relation.dnFormats, ['uni/tn-{name}/ap-{name}/epg-{name}/rsbd']);
      assert.deepEqual(relation.containedBy, { 'fv:AEPg': '' });
      assert.equal(relation.rnMap['annotationKey-'], 'tag:Annotation');
      assert.equal(relation.rnMap.fltCnts, 'fault:Counts');
      assert.deepEqual(relation.superClasses, ['fv:AToBD', 'pol:NToRef', 'reln:To', 'reln:Inst']);
      assert.equal(relation.isCreatableDeletable, 'never');
      assert.deepEqual(relation.relationInfo, {
        type: 'named',
        cardinality: 'n-to-1',
        fromMo: 'fv:AEPg',
        fromRelMo: 'fv:RsBd',
        toMo: 'fv:BD',
        toRelMo: 'fv:RtBd',
      });
    });

    it('tells of properties: naming, defaults, validators, values', async () => {
      const { properties } = await page('vz/Entry');
      assert.equal(properties.name?.isNaming, true);
      assert.equal(properties.modTs?.isConfigurable, false);
      assert.equal(properties.dToPort?.default, 'unspecified');
      assert.deepEqual(properties.dToPort.validators, [{ min: 0, max: 65_535 }]);
      const values = properties.dToPort.validValues as readonly unknown[];
      assert.deepEqual(values[0], { value: 'unspecified', localName: 'defaultValue' });
      assert.ok(values.some((value) => JSON.stringify(value) === '{"value":"80","localName":"http"}'));
      const subnet = await page('fv/Subnet');
      assert.deepEqual(subnet.identifiedBy, ['ip']);
      assert.equal(subnet.properties.ip?.createOnly, true);
    });

    it('has a page of every class of the table, and none of any other', async () => {
      for (const name of classNames()) {
        const [, pkg = '', rest = ''] = /^([a-z0-9]+)([A-Z].*)$/.exec(name) ?? [];
        assert.equal((await page(`${pkg}/${rest}`)).rnFormat, classRow(name)?.rn, name);
      }
      for (const path of ['/doc/jsonmeta/fv/Nope.json', '/doc/jsonmeta/fvTenant.json', '/doc/jsonmeta/fv/Tenant.xml']) {
        assert.equal((await anybody().get(path)).status, 404, path);
      }
    });

    it('has the whole model in one file, in which a client finds the class of each step of a Dn', async () => {
      const answer = await anybody().get<{ classes: Readonly<Record<string, Metadata>> }>('/acimeta/aci-meta.json');
      const { classes } = answer.data;
      assert.deepEqual(Object.keys(classes), classNames());
      const way = ['uni', 'tn-', 'ap-', 'epg-', 'rsbd'].reduce(
        (names, prefix) => [...names, classes[names.at(-1) ?? '']?.rnMap[prefix] ?? '-'],
        ['topRoot'],
      );
      assert.deepEqual(way, ['topRoot', 'polUni', 'fvTenant', 'fvAp', 'fvAEPg', 'fvRsBd']);
      assert.equal(classes.fvTenant?.properties.annotation?.isConfigurable, true);
      assert.equal(classes.fvRtBd?.isConfigurable, false);
    });
  });

  it('answers at /testapi and /debugapi as at /api', async () => {
    for (const path of ['/testapi/policymgr/mo/uni/tn-common.json', '/debugapi/class/uni/fvTenant.json?page-size=1']) {
      assert.match(JSON.stringify((await apic.http.get(path)).data), /"dn":"uni\/tn-/, path);
    }
    assert.equal((await anybody().get('/testapi/policymgr/mo/uni.json')).status, 403);
  });

  describe('/api/ppi', () => {
    const tree = (name: string): string => `<polUni><fvTenant name="${name}"><fvAp name="a"/></fvTenant></polUni>`;
    const form = (content: string, disposition = 'form-data; name="file"; filename="tree.xml"'): string =>
      `--x7\r\nContent-Disposition: ${disposition}\r\nContent-Type: text/xml\r\n\r\n${content}\r\n--x7--\r\n`;
    const upload = (path: string, body: string): Promise<{ status: number }> =>
      apic.http.post(path, body, { headers: { 'Content-Type': 'multipart/form-data; boundary=x7' } });

    it('takes a tree as the file of a form, and as it is', async () => {
      assert.equal((await upload('/api/ppi/node/mo.xml', form(tree('one')))).status, 200);
      assert.equal(
        (await upload('/api/ppi/mo/uni.json', form('{"fvTenant":{"attributes":{"name":"two"}}}'))).status,
        200,
      );
      assert.equal((await upload('/api/ppi/node/mo.xml', tree('three'))).status, 200);
      for (const dn of ['uni/tn-one/ap-a', 'uni/tn-two', 'uni/tn-three/ap-a']) assert.ok(apic.mock.object(dn), dn);
    });

    it('refuses a form without a file, a file that holds no tree, and whoever has not logged in', async () => {
      const noFile = await apic.http.post('/api/ppi/node/mo.xml', form(tree('x'), 'form-data; name="note"'));
      assert.equal(noFile.status, 400);
      assert.match(String(noFile.data), /<error code="400" text="[^"]*the form holds no file"/);
      assert.equal((await upload('/api/ppi/node/mo.xml', form('PK\u0003\u0004'))).status, 400);
      assert.equal((await anybody().post('/api/ppi/node/mo.xml', form(tree('x')))).status, 403);
      assert.equal(apic.mock.object('uni/tn-x'), undefined);
    });
  });

  it('sends the headers that were seen on real ones, in answers and errors', async () => {
    for (const path of ['/api/mo/uni.json', '/api/class/none.json']) {
      const { headers } = await apic.http.get(path);
      assert.equal(headers.server, 'Cisco APIC');
      assert.equal(headers['content-type'], 'application/json');
      assert.equal(headers['cache-control'], 'no-cache="Set-Cookie, Set-Cookie2"');
      assert.equal(headers['client-cert-enabled'], 'false');
      assert.match(String(headers['access-control-allow-headers']), /DevCookie, APIC-challenge, Request-Tag$/);
      assert.equal(headers['access-control-allow-methods'], 'POST,GET,OPTIONS,DELETE');
      assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
      assert.equal(headers['strict-transport-security'], undefined);
    }
  });

  it('asks browsers for TLS where it has it', async () => {
    const secure = await startApicMock({ users: [ADMIN] });
    try {
      const { Agent, get } = await import('node:https');
      const agent = new Agent({ ca: secure.caCertificate, keepAlive: false });
      const header = await new Promise((resolve, reject) => {
        get(`${secure.url}/api/aaaListDomains.json`, { agent }, (response) => {
          response.resume();
          resolve(response.headers['strict-transport-security']);
        }).on('error', reject);
      });
      assert.match(String(header), /^max-age=\d+/);
    } finally {
      await secure.stop();
    }
  });
});
