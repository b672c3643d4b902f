import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { portMatches } from '#datapath';
import { hasPort, portSet } from '#model/net';

/** Whether a masked port match takes the port. */
function takes(match: string | undefined, port: number): boolean {
  if (match === undefined) return true;
  const [value = '', mask = '0xffff'] = match.split('/');
  return (port & Number(mask)) === Number(value);
}

describe('datapath: port ranges as masked matches', () => {
  it('needs no match for every port and one for a single port', () => {
    assert.deepEqual(portMatches([[1, 65_535]]), [undefined]);
    assert.deepEqual(portMatches([[80, 80]]), ['80']);
    assert.deepEqual(portMatches([]), []);
  });

  it('cuts a range into aligned blocks', () => {
    assert.deepEqual(portMatches([[8000, 8079]]), ['0x1f40/0xffc0', '0x1f80/0xfff0']);
    assert.equal(portMatches([[1024, 65_535]]).length, 6);
  });

  it('takes exactly the ports of the set, each by one match', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const ranges = fc.array(fc.tuple(port, port).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]));
    fc.assert(
      fc.property(ranges, fc.array(port, { maxLength: 20 }), (given, probes) => {
        const ports = portSet(given);
        const matches = portMatches(ports);
        const edges = ports.flatMap(([from, to]) => [from - 1, from, to, to + 1]);
        for (const probe of [...edges, ...probes].filter((each) => each >= 1 && each <= 65_535)) {
          const taking = matches.filter((match) => takes(match, probe)).length;
          assert.equal(taking, hasPort(ports, probe) ? 1 : 0, `port ${probe}`);
        }
      }),
    );
  });
});
