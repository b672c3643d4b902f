// `npm run chaos -- --minutes N [--seed S]`: storms over a gateway with workers, a real etcd and a real Redis, for so long.
// `npm test` has a short one. Exit code 1 when something was lost, left over, cut or touched.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare();
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
process.exitCode = run('scripts/build.mjs') || run('dist/test/chaos/run-chaos.js', ...process.argv.slice(2));
