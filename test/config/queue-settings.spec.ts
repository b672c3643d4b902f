import assert from 'node:assert/strict';
import { parseConfiguration } from '#config';

const REDIS = 'redis://127.0.0.1:6379';
const ETCD = 'store: { kind: etcd, endpoints: [http://127.0.0.1:2379] }';

describe('configuration of delegated work', () => {
  it('leaves all of it to workers only where they can share the store', () => {
    const without = `queue: { redis: { url: '${REDIS}', concurrency: 0 } }`;
    assert.throws(
      () => parseConfiguration('acigw.yaml', without),
      /acigw\.yaml: queue\.redis\.concurrency: 0 leaves all work to workers, .* set at least 1, or store\.kind: etcd/,
    );
    assert.equal(parseConfiguration('acigw.yaml', `${without}\n${ETCD}`).queue.redis?.concurrency, 0);
    assert.equal(parseConfiguration('acigw.yaml', `queue: { redis: { url: '${REDIS}' } }`).queue.redis?.concurrency, 4);
  });
});
