import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const here = new URL('test/apic-mock/', root);
const readme = readFileSync(new URL('apic-mock/README.md', root), 'utf8');

/** Rows of the table of protocol points: section, point, state, and the test that shows it. */
const ROWS = readme
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, section = '', point = '', state = '', shown = '']) => ({ section, point, state, shown }));

describe('apic-mock: README', () => {
  it('names a test that exists for every point that it claims', () => {
    const wrong = ROWS.filter(({ state, shown }) => {
      if (state === 'no') return shown !== '';
      const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(shown) ?? [];
      const path = fileURLToPath(new URL(file, here));
      return title === '' || !existsSync(path) || !readFileSync(path, 'utf8').includes(title);
    });
    assert.deepEqual(wrong, []);
  });

  it('speaks of every section of the protocol, yes, partly or no', () => {
    const sections = new Set(ROWS.map(({ section }) => section.split('.')[0]));
    assert.deepEqual([...sections], ['0', '1', '2', '3', '4', '5', '6', '7']);
    assert.deepEqual(
      ROWS.filter(({ state }) => !['yes', 'partly', 'no'].includes(state)),
      [],
    );
  });

  it('names every way of the control plane over HTTP, and none that is not there', () => {
    const source = readFileSync(new URL('apic-mock/control/control-api.ts', root), 'utf8');
    const routes = [...source.matchAll(/\/\^((?:\\\/[^\\/$]+)+)/g)].map(([, path = '']) => path.replaceAll('\\/', '/'));
    const named = [...readme.matchAll(/(?:POST|GET|DELETE) (\/mock\/[a-z/]*[a-z])/g)].map(([, path = '']) => path);
    assert.ok(routes.length > 10, String(routes));
    for (const path of named)
      assert.ok(
        routes.some((route) => route.startsWith(path)),
        path,
      );
    for (const route of routes) {
      const start = route.replace(/\/\(.*$/, '');
      assert.ok(
        named.some((path) => path.startsWith(start)),
        start,
      );
    }
  });
});
