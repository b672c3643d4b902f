import { isAllPorts, type PortSet } from '#model/net';
import { hex } from './registers.js';

const WHOLE_PORT = 0xffff;

/**
 * A port set as values for a masked port match, e.g. `[8000, 8079]` as `0x1f40/0xffc0` and `0x1f80/0xfff0`: each range
 * cut into the fewest aligned blocks of a power of two. `undefined` stands for every port: no match on the port.
 */
export function portMatches(ports: PortSet): readonly (string | undefined)[] {
  if (isAllPorts(ports)) return [undefined];
  return ports.flatMap(([from, to]) => blocksOf(from, to));
}

function blocksOf(from: number, to: number): readonly string[] {
  const blocks: string[] = [];
  for (let start = from; start <= to; ) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= to) size *= 2;
    blocks.push(size === 1 ? `${start}` : `${hex(start)}/${hex(WHOLE_PORT & ~(size - 1))}`);
    start += size;
  }
  return blocks;
}
