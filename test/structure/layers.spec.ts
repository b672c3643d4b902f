import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Rooms of the house with what they may see (DESIGN.md §4). `pure` rooms use no node: modules, clock, chance or promises. */
interface Room {
  readonly folder: string;
  readonly pure?: true;
  readonly sees: readonly string[];
}

const L0 = ['#model/', '#errors'];
const L1 = ['#policy', '#fabric', '#datapath', '#mappers'];
const L2 = ['#ports', '#runtime'];

const ROOMS: readonly Room[] = [
  { folder: 'src/model', pure: true, sees: [] },
  { folder: 'src/policy', pure: true, sees: L0 },
  { folder: 'src/fabric', pure: true, sees: L0 },
  { folder: 'src/datapath', pure: true, sees: L0 },
  { folder: 'mappers', pure: true, sees: L0 },
  { folder: 'src/ports', sees: L0 },
  { folder: 'src/runtime', sees: [...L0, '#ports'] },
  { folder: 'config', sees: ['#errors', '#model/'] },
  { folder: 'workers', sees: [...L0, ...L1, ...L2] },
  { folder: 'src/agent', sees: [...L0, ...L1, ...L2] },
  ...['kubernetes', 'apic', 'store', 'queue', 'ovs', 'bgp', 'api'].map((name) => ({
    folder: `src/${name}`,
    sees: [...L0, ...L2],
  })),
  { folder: 'apic-mock', sees: ['#model/aci', '#errors'] },
  { folder: 'kube-mock', sees: ['#model/kubernetes', '#errors'] },
];

/** Words that a pure room may not use: they make its results depend on more than its input. */
const IMPURE =
  /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bPromise\b|\basync\b|\bawait\b/;

function sources(folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => posix.join(folder, file.split('\\').join('/')));
  } catch {
    return [];
  }
}

const importsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^(?:import|export)\b[^'";]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );

const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");

describe('structure: who may import whom', () => {
  for (const room of ROOMS) {
    const files = sources(room.folder);
    if (files.length === 0) continue;
    it(`${room.folder} sees only ${room.sees.length === 0 ? 'itself' : room.sees.join(' ')}`, () => {
      const wrong: string[] = [];
      for (const file of files) {
        for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
          if (!isAllowed(room, file, specifier)) wrong.push(`${file} imports ${specifier}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
    if (room.pure !== true) continue;
    it(`${room.folder} is pure: no clock, chance, process or promises`, () => {
      const wrong = files.filter((file) => IMPURE.test(codeOf(readFileSync(join(root, file), 'utf8'))));
      assert.deepEqual(wrong, []);
    });
  }

  it('has no folder that says nothing', () => {
    const vague = ['src', 'mappers', 'workers', 'config', 'apic-mock', 'kube-mock']
      .flatMap(sources)
      .filter((file) => /\/(utils?|common|helpers?|types)(\/|\.ts$)/.test(file));
    assert.deepEqual(vague, []);
  });
});

function isAllowed(room: Room, file: string, specifier: string): boolean {
  if (specifier.startsWith('.')) return posix.join(dirname(file), specifier).startsWith(`${room.folder}/`);
  if (specifier.startsWith('#'))
    return room.sees.some((seen) => specifier === seen || (seen.endsWith('/') && specifier.startsWith(seen)));
  if (specifier.startsWith('node:')) return room.pure !== true;
  return room.pure !== true;
}
