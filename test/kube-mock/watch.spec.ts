import assert from 'node:assert/strict';
import { type KubeMock, startKubeMock } from '#kube-mock';
import { type ApiClient, apiClient } from './api-client.js';
import { configMap } from './sample-objects.js';

const MAPS = '/api/v1/namespaces/default/configmaps';

describe('kube-mock: list and watch', () => {
  let mock: KubeMock;
  let api: ApiClient;

  beforeEach(async () => {
    mock = await startKubeMock({ bookmarkSeconds: 0.05 });
    api = apiClient(mock.url);
  });
  afterEach(() => mock.stop());

  it('a typed list has the revision, and items without kind', async () => {
    mock.apply([configMap('a'), configMap('b')]);
    const { data } = await api.get(MAPS);
    assert.equal(data.kind, 'ConfigMapList');
    assert.equal(data.metadata.resourceVersion, String(mock.revision));
    assert.deepEqual(
      data.items.map((item: { metadata: { name: string } }) => item.metadata.name),
      ['a', 'b'],
    );
    assert.equal(data.items[0].kind, undefined);
  });

  it('pages show the state at the first page, whatever happens between', async () => {
    mock.apply(['a', 'b', 'c', 'd'].map((name) => configMap(name)));
    const first = (await api.get(`${MAPS}?limit=2`)).data;
    assert.equal(first.metadata.remainingItemCount, 2);
    mock.apply([configMap('bb'), configMap('e')]);
    mock.remove(configMap('d'));
    const second = (await api.get(`${MAPS}?limit=2&continue=${first.metadata.continue}`)).data;
    assert.deepEqual(
      [...first.items, ...second.items].map((item) => item.metadata.name),
      ['a', 'b', 'c', 'd'],
    );
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    assert.equal(second.metadata.continue, undefined);
  });

  it('a page after the history was forgotten is 410 Expired', async () => {
    mock.apply(['a', 'b', 'c'].map((name) => configMap(name)));
    const first = (await api.get(`${MAPS}?limit=1`)).data;
    mock.expireWatches();
    const { status, data } = await api.get(`${MAPS}?limit=1&continue=${first.metadata.continue}`);
    assert.equal(status, 410);
    assert.equal(data.reason, 'Expired');
  });

  it('a continue token that is none is 400', async () => {
    const { status, data } = await api.get(`${MAPS}?limit=1&continue=nonsense`);
    assert.equal(status, 400);
    assert.match(data.message, /continue key is not valid/);
  });

  it('a watch tells changes in order, from the revision it names', async () => {
    mock.apply([configMap('old')]);
    const { resourceVersion } = (await api.get(MAPS)).data.metadata;
    mock.apply([configMap('a'), configMap('a', { x: '1' })]);
    const watch = await api.watch(`${MAPS}?watch=true&resourceVersion=${resourceVersion}`);
    mock.remove(configMap('a'));
    const seen = [await watch.next(), await watch.next(), await watch.next()];
    assert.deepEqual(
      seen.map(({ type, object }) => `${type} ${object.metadata.name}`),
      ['ADDED a', 'MODIFIED a', 'DELETED a'],
    );
    const revisions = seen.map(({ object }) => Number(object.metadata.resourceVersion));
    assert.deepEqual(
      revisions,
      [...revisions].sort((a, b) => a - b),
    );
    assert.equal(seen[2]?.object.kind, 'ConfigMap');
    watch.close();
  });

  it('a watch without a revision begins with what is there', async () => {
    mock.apply([configMap('a')]);
    const watch = await api.watch(`${MAPS}?watch=true`);
    assert.equal((await watch.next()).object.metadata.name, 'a');
    watch.close();
  });

  it('a streamed list ends with a marked bookmark', async () => {
    mock.apply([configMap('a'), configMap('b')]);
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await api.watch(`${MAPS}?${query}`);
    const seen = [await watch.next(), await watch.next(), await watch.next()];
    assert.deepEqual(
      seen.map(({ type }) => type),
      ['ADDED', 'ADDED', 'BOOKMARK'],
    );
    assert.equal(seen[2]?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
    assert.equal(seen[2]?.object.metadata.resourceVersion, String(mock.revision));
    watch.close();
  });

  it('sendInitialEvents without resourceVersionMatch is 422', async () => {
    const { status, data } = await api.get(`${MAPS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true`);
    assert.equal(status, 422);
    assert.equal(data.details.causes[0].field, 'resourceVersionMatch');
  });

  it('bookmarks come only to those who ask', async () => {
    const asks = await api.watch(`${MAPS}?watch=true&resourceVersion=${mock.revision}&allowWatchBookmarks=true`);
    const silent = await api.watch(`${MAPS}?watch=true&resourceVersion=${mock.revision}`);
    mock.apply([{ ...configMap('elsewhere'), metadata: { name: 'elsewhere', namespace: 'kube-system' } }]);
    const bookmark = await asks.next();
    assert.equal(bookmark.type, 'BOOKMARK');
    await asks.next();
    mock.apply([configMap('a')]);
    assert.equal((await silent.next()).type, 'ADDED');
    asks.close();
    silent.close();
  });

  it('a watch from a forgotten revision gets one ERROR event with 410 and ends', async () => {
    const { revision } = mock;
    mock.expireWatches();
    const watch = await api.watch(`${MAPS}?watch=true&resourceVersion=${revision}`);
    const [error, ...more] = await watch.rest();
    assert.equal(error?.type, 'ERROR');
    assert.equal(error?.object.code, 410);
    assert.equal(error?.object.reason, 'Expired');
    assert.deepEqual(more, []);
  });

  it('the history is cut at its length', async () => {
    const short = await startKubeMock({ historyLength: 5 });
    const { revision } = short;
    for (let index = 0; index < 20; index += 1) short.apply([configMap(`m${index}`)]);
    const client = apiClient(short.url);
    const late = await (await client.watch(`${MAPS}?watch=true&resourceVersion=${revision}`)).rest();
    assert.equal(late[0]?.object.code, 410);
    const fresh = await client.watch(`${MAPS}?watch=true&resourceVersion=${short.revision - 2}`);
    assert.equal((await fresh.next()).object.metadata.name, 'm18');
    fresh.close();
    await short.stop();
  });

  it('a revision from the future is 504 with ResourceVersionTooLarge', async () => {
    const list = await api.get(`${MAPS}?resourceVersion=${mock.revision + 100}&resourceVersionMatch=NotOlderThan`);
    assert.equal(list.status, 504);
    assert.equal(list.data.details.causes[0].reason, 'ResourceVersionTooLarge');
  });

  it('closeWatches ends the stream; the client goes on from where it was', async () => {
    const watch = await api.watch(`${MAPS}?watch=true&resourceVersion=${mock.revision}`);
    mock.apply([configMap('a')]);
    const { object } = await watch.next();
    mock.closeWatches();
    assert.deepEqual(await watch.rest(), []);
    mock.apply([configMap('b')]);
    const again = await api.watch(`${MAPS}?watch=true&resourceVersion=${object.metadata.resourceVersion}`);
    assert.equal((await again.next()).object.metadata.name, 'b');
    again.close();
  });

  it('timeoutSeconds ends the stream with a last bookmark', async () => {
    const path = `${MAPS}?watch=true&resourceVersion=${mock.revision}&allowWatchBookmarks=true&timeoutSeconds=1`;
    const seen = await (await api.watch(path)).rest();
    assert.equal(seen.at(-1)?.type, 'BOOKMARK');
  });

  it('an object that leaves a selection is DELETED, one that enters it ADDED', async () => {
    mock.apply([configMap('a', { app: 'web' })]);
    const watch = await api.watch(`${MAPS}?watch=true&labelSelector=app%3Dweb&resourceVersion=${mock.revision}`);
    mock.apply([configMap('a', { app: 'db' }), configMap('a', { app: 'web' })]);
    const [left, entered] = [await watch.next(), await watch.next()];
    assert.equal(left.type, 'DELETED');
    assert.equal(left.object.metadata.labels?.app, 'web');
    assert.equal(entered.type, 'ADDED');
    watch.close();
  });

  it('a watch of one object tells of it alone', async () => {
    const watch = await api.watch(`${MAPS}/b?watch=true&resourceVersion=${mock.revision}`);
    mock.apply([configMap('a'), configMap('b')]);
    assert.equal((await watch.next()).object.metadata.name, 'b');
    watch.close();
  });

  it('forgets a watch whose client has left', async () => {
    const watch = await api.watch(`${MAPS}?watch=true&resourceVersion=${mock.revision}`);
    assert.equal(mock.openWatches, 1);
    watch.close();
    for (let round = 0; mock.openWatches > 0 && round < 100; round += 1) await new Promise((go) => setTimeout(go, 10));
    assert.equal(mock.openWatches, 0);
  });
});

describe('kube-mock: selectors', () => {
  let mock: KubeMock;
  before(async () => {
    mock = await startKubeMock();
    mock.apply([configMap('a', { tier: 'front', app: 'x' }), configMap('b', { tier: 'back' }), configMap('c')]);
  });
  after(() => mock.stop());

  const names = async (query: string): Promise<readonly string[]> => {
    const { data } = await apiClient(mock.url).get(`${MAPS}?${query}`);
    return data.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  };
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['tier=front', ['a']],
    ['tier==front,app=x', ['a']],
    ['tier!=front', ['b', 'c']],
    ['tier in (front, back)', ['a', 'b']],
    ['tier notin (front)', ['b', 'c']],
    ['tier', ['a', 'b']],
    ['!tier', ['c']],
    ['', ['a', 'b', 'c']],
  ];
  for (const [selector, expected] of cases) {
    it(`labelSelector '${selector}' selects ${expected.join(' ')}`, async () => {
      assert.deepEqual(await names(`labelSelector=${encodeURIComponent(selector)}`), expected);
    });
  }
  it('fieldSelector by name, and not by name', async () => {
    assert.deepEqual(await names('fieldSelector=metadata.name%3Db'), ['b']);
    assert.deepEqual(await names('fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault'), ['a', 'c']);
  });
  it('a selector that cannot be read, and a field that is not indexed, are 400', async () => {
    const api = apiClient(mock.url);
    assert.equal((await api.get(`${MAPS}?labelSelector=a%20b`)).status, 400);
    const { status, data } = await api.get(`${MAPS}?fieldSelector=data.key%3Dvalue`);
    assert.equal(status, 400);
    assert.match(data.message, /field label not supported: data.key/);
  });
});
