// `npm run small-scope`: the compiler against the specification on the whole product of a small grammar of policies and
// labellings, which takes some minutes. `npm test` runs the same folded by symmetry.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
prepare();
const run = (...args) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ACIGW_SMALL_SCOPE: 'whole' },
  }).status ?? 1;
process.exitCode =
  run('scripts/build.mjs') || run('node_modules/mocha/bin/mocha.js', 'dist/test/policy/small-scope.spec.js');
