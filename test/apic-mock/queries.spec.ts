import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { AxiosResponse } from 'axios';
import type { ApicMock } from '#apic-mock';
import { managedObject } from '#model/aci';
import {
  dnsOf,
  errorOf,
  httpClient,
  type LoggedIn,
  loggedIn,
  objectsOf,
  type Reply,
  startPlain,
} from './apic-client.js';
import type { Spelling } from './xml-client.js';

const entry = (name: string, port: string): ReturnType<typeof managedObject> =>
  managedObject('vzEntry', { name, etherT: 'ip', prot: 'tcp', dFromPort: port, dToPort: port });

const TENANT = managedObject('fvTenant', { name: 't', descr: 'first' }, [
  managedObject('fvCtx', { name: 'v' }),
  managedObject('fvBD', { name: 'b' }, [
    managedObject('fvRsCtx', { tnFvCtxName: 'v' }),
    managedObject('fvSubnet', { ip: '10.0.10.1/24', scope: 'public,shared' }),
    managedObject('fvSubnet', { ip: '10.0.9.1/24' }),
  ]),
  managedObject('fvAp', { name: 'a' }, [
    managedObject('fvAEPg', { name: 'web' }, [
      managedObject('fvRsBd', { tnFvBDName: 'b' }),
      managedObject('tagAnnotation', { key: 'owner', value: 'us' }),
      managedObject('fvCEp', { name: '00:50:56:00:00:01', mac: '00:50:56:00:00:01' }),
    ]),
    managedObject('fvAEPg', { name: 'db' }),
    managedObject('fvAEPg', { name: 'cache' }),
  ]),
  managedObject('vzFilter', { name: 'f' }, [entry('http', '80'), entry('alt', '8080'), entry('low', '9')]),
]);

const queries = (spelling: Spelling) => (): void => {
  let mock: ApicMock;
  let http: LoggedIn['http'];
  let token: string;

  before(async () => {
    mock = await startPlain();
    mock.load(TENANT);
    ({ http, token } = await loggedIn(mock, spelling));
  });
  after(() => mock.stop());

  /** A client whose answers are left as they come. */
  const rawClient = (): LoggedIn['http'] => {
    const client = httpClient(mock);
    client.defaults.headers.common.Cookie = `APIC-cookie=${token}`;
    return client;
  };

  const get = (path: string): Promise<AxiosResponse<Reply>> => http.get<Reply>(path);

  const namesOf = async (path: string): Promise<readonly string[]> =>
    objectsOf(await get(path)).map((object) => object.name ?? '');

  const filtered = (className: string, filter: string): Promise<readonly string[]> =>
    namesOf(
      `/api/class/${className}.json?order-by=${className}.name&query-target-filter=${encodeURIComponent(filter)}`,
    );

  describe('URLs', () => {
    const urls = [
      '/api/mo/uni/tn-t.json',
      '/api/node/mo/uni/tn-t.json',
      '/api/mo/uni/tn-[t].json',
      '/api//mo//uni//tn-t.json',
      '/api/mo/uni/tn-t.json?',
      '/api/mo/uni/tn-t.json?&',
      '/api/mo/uni/tn-t.json?_dc=123&unknown=x',
      '/api/mo/uni%2Ftn-%5Bt%5D.json',
    ];
    for (const url of urls) {
      it(`understands ${url}`, async () => {
        assert.deepEqual(dnsOf(await get(url)), ['uni/tn-t']);
      });
    }

    /** Sends the URL byte for byte: HTTP libraries encode what real clients of APICs leave as it is. */
    const raw = (path: string): Promise<{ status: number; text: string }> =>
      new Promise((resolve, reject) => {
        const options = { path, headers: { Cookie: `APIC-cookie=${token}`, Connection: 'close' } };
        request(mock.url, options, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        })
          .on('error', reject)
          .end();
      });

    it('understands brackets, quotes, pipes and backslashes that nobody encoded', async () => {
      const subnet = await raw('/api/mo/uni/tn-t/BD-b/subnet-[10.0.9.1/24].json');
      assert.equal((JSON.parse(subnet.text) as Reply).totalCount, '1');
      const query =
        'order-by=fvAEPg.name|desc&query-target-filter=or(eq(fvAEPg.name,"web"),wcard(fvAEPg.dn,"epg\\-db"))';
      const found = await raw(`/api/class/fvAEPg.json?${query}`);
      assert.deepEqual(
        (JSON.parse(found.text) as Reply).imdata.map((object) => object.fvAEPg?.attributes.name),
        ['web', 'db'],
      );
    });

    it('answers other paths with the page of nginx, and the API without a suffix in its own form', async () => {
      const page = await get('/index.html');
      assert.equal(page.status, 404);
      assert.equal(page.headers.server, 'Cisco APIC');
      assert.match(JSON.stringify(page.data), /<hr><center>Cisco APIC<\/center>/);
      assert.equal(errorOf(await rawClient().get('/api/mo/uni')).status, 400);
      assert.equal(errorOf(await get('/api/nothing.json')).status, 400);
      assert.equal(errorOf(await http.put('/api/mo/uni.json', {})).status, 400);
    });

    it('spells answers and errors in XML when the URL ends so', async () => {
      const answer = await get('/api/mo/uni/tn-t/ap-a/epg-web.json?rsp-prop-include=config-only');
      assert.equal(answer.data.totalCount, '1');
      const http = rawClient();
      const xml = await http.get<string>('/api/class/fvAp.xml?rsp-prop-include=naming-only&rsp-subtree=children');
      assert.match(xml.data, /^<\?xml version="1.0" encoding="UTF-8"\?><imdata totalCount="3"><fvAp dn="uni\/tn-/);
      const error = await http.get<string>('/api/class/fvNo.xml');
      assert.match(error.data, /<error code="400" text="Request failed, unresolved class for fvNo"\/><\/imdata>$/);
    });
  });

  describe('scope', () => {
    it('finds nothing without an error', async () => {
      assert.deepEqual((await get('/api/mo/uni/tn-none.json')).data, { totalCount: '0', imdata: [] });
    });

    it('self, children, subtree', async () => {
      const names = async (target: string): Promise<readonly string[]> =>
        [
          ...dnsOf(await get(`/api/mo/uni/tn-t/ap-a.json?query-target=${target}&target-subtree-class=fvAp,fvAEPg`)),
        ].sort();
      const epgs = ['cache', 'db', 'web'].map((name) => `uni/tn-t/ap-a/epg-${name}`);
      assert.deepEqual(await names('self'), ['uni/tn-t/ap-a']);
      assert.deepEqual(await names('children'), epgs);
      assert.deepEqual(await names('subtree'), ['uni/tn-t/ap-a', ...epgs]);
    });

    it('fans out an abstract class', async () => {
      assert.deepEqual(await namesOf('/api/class/fvEPg.json?order-by=fvAEPg.name'), [
        'cache',
        'db',
        'default',
        'default', // the in-band management EPG is one too
        'web',
      ]);
      const below = await get('/api/mo/uni/tn-t.json?query-target=subtree&target-subtree-class=fvEPg');
      assert.equal(below.data.totalCount, '3');
    });

    it('takes a class below a Dn, a node, and a class with a subtree', async () => {
      assert.deepEqual(await namesOf('/api/class/uni/tn-t/fvCtx.json'), ['v']);
      assert.equal((await get('/api/node/class/topology/pod-1/node-101/l1PhysIf.json')).data.totalCount, '49');
      const deep = await get('/api/class/fvTenant.json?query-target=subtree&target-subtree-class=fvSubnet');
      assert.equal(deep.data.totalCount, '2');
    });
  });

  describe('errors', () => {
    const cases: readonly [string, string, string][] = [
      ['/api/class/fvTenantt.json', '400', 'Request failed, unresolved class for fvTenantt'],
      ['/api/mo/uni/tnn-x.json', '107', 'Invalid DN uni/tnn-x, wrong rn prefix tnn-x at position 4'],
      ['/api/mo/uni.json?query-target=subtree&target-subtree-class=faultIns', '122', 'class faultIns not found'],
      [
        '/api/class/faultInst.json?query-target-filter=eq(faultInst.cod,"x")',
        '121',
        "Prop 'cod' not found in class 'faultInst' property table",
      ],
      [
        '/api/class/faultInst.json?query-target-filter=eq(faultInst.constructor,"x")',
        '121',
        "Prop 'constructor' not found in class 'faultInst' property table",
      ],
      [
        '/api/class/fvCtx.json?query-target-filter=eq(fvCtx.pcEnfPref,"F9")',
        '301',
        "Incorrect filter format for fvCtx.pcEnfPref, value 'F9' is not valid",
      ],
      ['/api/class/fvCtx.json?query-target-filter=is(fvCtx.name,"x")', '301', 'no such filter type is'],
      [
        '/api/class/fvCtx.json?query-target-filter=wcard(fvCtx.name,"*x")',
        '301',
        "Incorrect filter format for wcard, value '*x' is not valid",
      ],
      [
        '/api/class/fvCtx.json?query-target-filter=eq(fvCtx.name,"x"',
        '301',
        'Incorrect filter format for \'eq(fvCtx.name,"x"\' at position 17',
      ],
      ['/api/class/fvCtx.json?order-by=fvCtx.nam', '121', "Prop 'nam' not found in class 'fvCtx' property table"],
      ['/api/class/fvCtx.json?page=x', '400', "Request failed, invalid value 'x' for option page"],
    ];
    for (const [url, code, text] of cases) {
      it(url, async () => {
        assert.deepEqual(errorOf(await get(url)), { status: 400, code, text });
      });
    }
  });

  describe('filters', () => {
    const epgs: readonly [string, readonly string[]][] = [
      ['eq(fvAEPg.name,"web")', ['web']],
      ['eq( fvAEPg.name , web )', ['web']],
      ['ne(fvAEPg.name,"web")', ['cache', 'db', 'default']],
      ['and(eq(fvAEPg.name,"web"))', ['web']],
      ['or(eq(fvAEPg.name,"web"),eq(fvAEPg.name,"db"))', ['db', 'web']],
      ['xor(eq(fvAEPg.name,"web"),wcard(fvAEPg.name,"b"))', ['db']],
      ['not(wcard(fvAEPg.name,"b"))', ['cache', 'default']],
      ['wcard(fvAEPg.dn,"tn-t/|tn-x/")', ['cache', 'db', 'web']],
      ['wcard(fvAEPg.dn,"^uni/tn-t.*e$")', ['cache']],
      ['true()', ['cache', 'db', 'default', 'web']],
      ['false()', []],
      ['eq(fvEPg.name,"web")', ['web']],
      ['and(eq(fvAEPg.pcEnfPref,"unenforced"),gt(fvAEPg.name,"da"),lt(fvAEPg.name,"de"))', ['db']],
    ];
    for (const [filter, expected] of epgs) {
      it(filter, async () => {
        assert.deepEqual(await filtered('fvAEPg', filter), expected);
      });
    }

    const entries: readonly [string, readonly string[]][] = [
      ['eq(vzEntry.dFromPort,"80")', ['http']],
      ['eq(vzEntry.dFromPort,"http")', ['http']],
      ['and(gt(vzEntry.dFromPort,"9"),wcard(vzEntry.dn,"tn-t/"))', ['alt', 'http']],
      ['and(le(vzEntry.dFromPort,"80"),wcard(vzEntry.dn,"tn-t/"))', ['http', 'low']],
      ['bw(vzEntry.dFromPort,"80","8080")', ['alt', 'http']],
      ['ge(vzEntry.dFromPort,8080)', ['alt']],
    ];
    for (const [filter, expected] of entries) {
      it(`${filter}: by number`, async () => {
        assert.deepEqual(await filtered('vzEntry', filter), expected);
      });
    }

    it('tests the bits of a mask', async () => {
      const subnets = async (filter: string): Promise<number> =>
        Number((await get(`/api/class/fvSubnet.json?query-target-filter=${filter}`)).data.totalCount);
      assert.equal(await subnets('anybit(fvSubnet.scope,"private,shared")'), 2);
      assert.equal(await subnets('allbits(fvSubnet.scope,"public,shared")'), 1);
      assert.equal(await subnets('eq(fvSubnet.scope,"shared,public")'), 1);
    });

    it('compares another class by the name of the property', async () => {
      const url = '/api/mo/uni/tn-t/ap-a/epg-web.json?query-target=children&target-subtree-class=tagAnnotation';
      assert.equal((await get(`${url}&query-target-filter=eq(tagTag.value,"us")`)).data.totalCount, '1');
      assert.equal((await get(`${url}&query-target-filter=eq(tagTag.value,"them")`)).data.totalCount, '0');
    });
  });

  describe('answers', () => {
    it('carries dn at the top and rn inside', async () => {
      const answer = await get('/api/mo/uni/tn-t.json?rsp-subtree=children&rsp-subtree-class=fvAp');
      const top = answer.data.imdata[0]?.fvTenant;
      assert.equal(top?.attributes.dn, 'uni/tn-t');
      assert.deepEqual([top?.attributes.rn, top?.attributes.status, top?.attributes.childAction], ['', '', '']);
      const [child, ...others] = top?.children ?? [];
      assert.equal(others.length, 0);
      assert.equal(child?.fvAp?.attributes.rn, 'ap-a');
      assert.equal(child?.fvAp?.attributes.dn, undefined);
      assert.equal(child?.fvAp?.children, undefined);
    });

    it('keeps the way to a wanted class in a full subtree, an empty first element being nothing', async () => {
      const answer = await get('/api/mo/uni/tn-t.json?rsp-subtree=full&rsp-subtree-class=,tagAnnotation');
      const ap = answer.data.imdata[0]?.fvTenant?.children?.[0]?.fvAp;
      const epg = ap?.children?.[0]?.fvAEPg;
      assert.equal(epg?.attributes.name, 'web');
      assert.deepEqual(
        epg?.children?.map((child) => Object.keys(child)[0]),
        ['tagAnnotation'],
      );
    });

    it('keeps all that is below a wanted class', async () => {
      const answer = await get('/api/mo/uni/tn-t.json?rsp-subtree=full&rsp-subtree-class=fvCtx');
      const vrf = answer.data.imdata[0]?.fvTenant?.children?.[0]?.fvCtx;
      const below = vrf?.children?.map((child) => Object.keys(child)[0]) ?? [];
      assert.ok(below.includes('vzAny') && below.includes('fvRsCtxToEpRet'), below.join());
      const flat = await get('/api/mo/uni/tn-t.json?rsp-subtree=children&rsp-subtree-class=fvCtx');
      assert.deepEqual(
        flat.data.imdata[0]?.fvTenant?.children?.map((child) => child.fvCtx?.children ?? []),
        [[]],
      );
    });

    it('filters what is nested', async () => {
      const url =
        '/api/mo/uni/tn-t/ap-a.json?rsp-subtree=children&rsp-subtree-class=fvAEPg&rsp-subtree-filter=eq(fvAEPg.name,"db")';
      assert.deepEqual(
        (await get(url)).data.imdata[0]?.fvAp?.children?.map((child) => child.fvAEPg?.attributes.name),
        ['db'],
      );
    });

    it('shows only names, or only what can be configured and where relations lead', async () => {
      const naming = await get('/api/mo/uni/tn-t.json?rsp-prop-include=naming-only');
      assert.deepEqual(naming.data.imdata[0]?.fvTenant?.attributes, { dn: 'uni/tn-t', name: 't' });
      const config = await get('/api/mo/uni/tn-t/BD-b/rsctx.json?rsp-prop-include=config-only');
      assert.deepEqual(config.data.imdata[0]?.fvRsCtx?.attributes, {
        dn: 'uni/tn-t/BD-b/rsctx',
        annotation: '',
        tDn: 'uni/tn-t/ctx-v',
        tnFvCtxName: 'v',
        userdom: 'all',
      });
    });

    it('posts back what config-only gave, without a change', async () => {
      const answer = await get('/api/mo/uni/tn-t/BD-b.json?rsp-prop-include=config-only');
      const back = await http.post<Reply>('/api/mo/uni/tn-t/BD-b.json?rsp-subtree=modified', answer.data.imdata[0]);
      assert.deepEqual(back.data, { totalCount: '0', imdata: [] });
    });

    it('orders by value, in both directions', async () => {
      const ports = (direction: string): Promise<readonly string[]> =>
        namesOf(`/api/class/uni/tn-t/vzEntry.json?order-by=vzEntry.dFromPort${direction}`);
      assert.deepEqual(await ports(''), ['low', 'http', 'alt']);
      assert.deepEqual(await ports('%7Cdesc'), ['alt', 'http', 'low']);
      const subnets = await get('/api/class/fvSubnet.json?order-by=fvSubnet.ip|asc');
      assert.deepEqual(
        objectsOf(subnets).map((object) => object.ip),
        ['10.0.9.1/24', '10.0.10.1/24'],
      );
    });

    it('pages, with the number of all', async () => {
      const page = (number: number): Promise<AxiosResponse<Reply>> =>
        get(`/api/class/uni/tn-t/fvAEPg.json?order-by=fvAEPg.name&page-size=2&page=${number}`);
      assert.deepEqual(
        objectsOf(await page(0)).map((object) => object.name),
        ['cache', 'db'],
      );
      assert.deepEqual(
        objectsOf(await page(1)).map((object) => object.name),
        ['web'],
      );
      assert.equal((await page(1)).data.totalCount, '3');
      assert.equal((await page(9)).data.totalCount, '3');
    });

    it('refuses what is too big at once, and gives it in pages', async () => {
      const small = await startPlain({ maxAnswerObjects: 10 });
      try {
        const { http: client } = await loggedIn(small, spelling);
        const whole = await client.get('/api/class/l1PhysIf.json');
        assert.equal(errorOf(whole).text, 'Unable to process the query, result dataset is too big');
        const page = await client.get<Reply>('/api/class/l1PhysIf.json?page-size=10&page=0&order-by=l1PhysIf.dn');
        assert.equal(page.data.imdata.length, 10);
        assert.equal(page.data.totalCount, '100');
      } finally {
        await small.stop();
      }
    });

    it('counts', async () => {
      const answer = await get(
        '/api/mo/uni/tn-t.json?query-target=subtree&target-subtree-class=fvAEPg&rsp-subtree-include=count',
      );
      assert.equal(answer.data.imdata[0]?.moCount?.attributes.count, '3');
    });

    it('shows faults only when asked for, and only their holders when they are required', async () => {
      mock.load(
        managedObject('fvAEPg', { dn: 'uni/tn-t/ap-a/epg-db' }, [
          managedObject('faultInst', { code: 'F0955', severity: 'warning' }),
        ]),
      );
      const plain = await get('/api/mo/uni/tn-t/ap-a/epg-db.json?rsp-subtree=children');
      assert.ok(!JSON.stringify(plain.data).includes('faultInst'));
      const required = await get('/api/class/uni/tn-t/fvAEPg.json?rsp-subtree-include=faults,required');
      assert.deepEqual(dnsOf(required), ['uni/tn-t/ap-a/epg-db']);
      const records = await get('/api/class/uni/tn-t/fvAEPg.json?rsp-subtree-include=faults,no-scoped');
      assert.deepEqual(dnsOf(records), ['uni/tn-t/ap-a/epg-db/fault-F0955']);
    });
  });

  it('has what clients look for when they start', async () => {
    const controllers = await get('/api/node/class/topSystem.json?query-target-filter=eq(topSystem.role,"controller")');
    assert.deepEqual(
      objectsOf(controllers).map((object) => object.version),
      ['6.0(9c)'],
    );
    const leaves = await get('/api/node/class/topSystem.json?query-target-filter=and(eq(topSystem.role,"leaf"))');
    assert.equal(leaves.data.totalCount, '2');
    assert.ok(!Number.isNaN(Date.parse(objectsOf(leaves)[0]?.lastRebootTime ?? '')));
    assert.deepEqual(dnsOf(await get('/api/node/class/firmwareCtrlrRunning.json?&')), [
      'topology/pod-1/node-1/sys/ctrlrfwstatuscont/ctrlrrunning',
    ]);
    assert.deepEqual(await namesOf('/api/class/fvTenant.json?order-by=fvTenant.name'), [
      'common',
      'infra',
      'mgmt',
      't',
    ]);
    const vlan = await get(
      '/api/mo/uni/infra/attentp-default/provacc.json?query-target=subtree&target-subtree-class=infraRsFuncToEpg',
    );
    assert.equal(objectsOf(vlan)[0]?.encap, 'vlan-3967');
    const vrf = await get('/api/mo/uni/tn-t/ctx-v.json?query-target=subtree&target-subtree-class=fvRtCtx,fvRtEctx');
    assert.deepEqual(
      objectsOf(vrf).map((object) => object.tDn),
      ['uni/tn-t/BD-b'],
    );
  });
};

for (const spelling of ['json', 'xml'] as const) describe(`apic-mock: queries in ${spelling}`, queries(spelling));
