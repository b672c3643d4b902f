// `npm run bench -- NAME …`: builds and runs bench/NAME.ts; without a name it lists what there is.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = readdirSync(new URL('../bench', import.meta.url))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- NAME\nNAME is one of: ${names.join(', ')}`);
  process.exit(2);
}
prepare();
const build = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit', cwd: root });
if (build.status !== 0) process.exit(build.status ?? 1);
// A bench may ask for flags of its own in a line of its header: `// node: --single-threaded-gc`.
const source = readFileSync(new URL(`../bench/${name}.bench.ts`, import.meta.url), 'utf8');
const flags = /^\/\/ node: (.+)$/m.exec(source)?.[1].split(' ') ?? [];
const run = spawnSync(process.execPath, ['--expose-gc', ...flags, `dist/bench/${name}.bench.js`, ...rest], {
  stdio: 'inherit',
  cwd: root,
});
process.exit(run.status ?? 1);
