// `npm test`: builds, checks formatting and lint, then runs the suites.
// `npm test -- dist/test/model` runs the suites of one folder; other arguments go to mocha as well.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

/** Runs one step and stops the whole run when it fails: a suite over code that does not compile says nothing. */
function step(name, command, args) {
  console.log(`> ${name}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) {
    console.log(`${name} failed`);
    process.exit(status ?? 1);
  }
}

prepare();
step('build', process.execPath, ['scripts/build.mjs']);
step('format check', bin('biome'), ['check', '.']);
step('lint', bin('oxlint'), ['--type-aware', '--deny-warnings']);

const given = process.argv.slice(2);
const specs = given.some((argument) => argument.startsWith('dist/')) ? [] : ['dist/test/**/*.spec.js'];
const colour = process.stdout.isTTY ? [] : ['--no-color'];
// Mocha's own last line says how it went: nothing is printed after it.
const mocha = spawnSync(process.execPath, [bin('mocha'), '--recursive', ...colour, ...specs, ...given], {
  stdio: 'inherit',
  cwd: root,
});
process.exit(mocha.status ?? 1);
