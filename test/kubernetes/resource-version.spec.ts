import assert from 'node:assert/strict';
import { isOlder } from '../../src/kubernetes/resource-version.js';

describe('kubernetes: versions of a resource', () => {
  it('compare as numbers of any length', () => {
    assert.ok(isOlder('9', '10'));
    assert.ok(isOlder('18446744073709551615', '18446744073709551616'));
    assert.ok(!isOlder('10', '9'));
    assert.ok(!isOlder('10', '10'));
  });

  it('are never older where one is no number', () => {
    for (const other of ['', '0', '01', '-1', '1e3', 'abc', ' 5']) {
      assert.ok(!isOlder(other, '10'), other);
      assert.ok(!isOlder('1', other), other);
    }
  });
});
