// Compiles the TypeScript tree into dist/ and removes outputs whose source is gone (a stale test would still run).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Removes `.js`, `.js.map` and `.d.ts` files in `dist/` that no longer have a TypeScript source. */
function removeStale(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      removeStale(path);
      continue;
    }
    const base = path.replace(/\.(js|js\.map|d\.ts)$/, '');
    if (base === path) continue;
    const source = `${join(root, base.slice(join(root, 'dist').length))}.ts`;
    if (!existsSync(source)) rmSync(path);
  }
}

if (existsSync(join(root, 'dist'))) removeStale(join(root, 'dist'));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const result = spawnSync(process.execPath, [tsc, '-p', root], { stdio: ['ignore', 2, 2], cwd: root });
process.exit(result.status ?? 1);
