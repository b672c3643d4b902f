import assert from 'node:assert/strict';
import type { AuditRecord } from '#ports';
import { authorOf } from '../../../workers/drift/author.js';

const record = (user: string, kind: string, changeSet: string): AuditRecord => ({
  user,
  at: `at ${user}`,
  kind,
  changeSet,
});
const who = (field: string, found: string | undefined, ...records: readonly AuditRecord[]): string | undefined =>
  authorOf({ field, found }, records)?.user;

describe('author of a drift', () => {
  it('is who wrote the value that was found, last, and not who put it back', () => {
    const repair = record('gateway', 'modification', 'descr (Old: mine, New: ours)');
    const edit = record('bob', 'modification', 'descr (Old: ours, New: mine)');
    const older = record('ann', 'modification', 'descr (Old: x, New: mine)');
    assert.equal(who('descr', 'mine', repair, edit, older), 'bob');
    assert.equal(who('descr', 'other', repair, edit, older), undefined);
    assert.equal(who('nameAlias', 'mine', repair, edit, older), undefined);
    assert.deepEqual(authorOf({ field: 'descr', found: 'mine' }, [edit]), { user: 'bob', at: 'at bob' });
  });

  it('reads one of several fields of a record', () => {
    const edit = record('bob', 'modification', 'dFromPort (Old: http, New: 81), dToPort (Old: http, New: 82)');
    assert.equal(who('dFromPort', '81', edit), 'bob');
    assert.equal(who('dToPort', '82', edit), 'bob');
    assert.equal(who('dFromPort', '82', edit), undefined);
    assert.equal(who('dToPort', '8', edit), undefined, 'the whole value');
    assert.equal(who('ToPort', '82', edit), undefined, 'the whole name');
  });

  it('reads a new object, and an empty value', () => {
    assert.equal(who('descr', 'mine', record('bob', 'creation', 'descr:mine, name:shop')), 'bob');
    assert.equal(who('descr', 'min', record('bob', 'creation', 'descr:mine, name:shop')), undefined);
    assert.equal(who('descr', '', record('bob', 'modification', 'descr (Old: ours, New: )')), 'bob');
  });

  it('is who deleted or made an object as a whole', () => {
    const made = record('gateway', 'creation', 'name:shop');
    const gone = record('bob', 'deletion', '');
    assert.equal(who('deleted', undefined, made, gone), 'bob');
    assert.equal(who('deleted', undefined, made), undefined);
    assert.equal(who('added', undefined, gone, record('ann', 'creation', 'name:x')), 'ann');
  });
});
