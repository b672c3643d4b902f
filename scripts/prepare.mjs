// Makes a checkout ready to run: installs the packages of the lock file and builds, each only when something changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'config', 'mappers', 'workers', 'apic-mock', 'kube-mock', 'test', 'bench'];

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Time of the newest source file. */
function newestSource() {
  let newest = Math.max(timeOf(join(root, 'tsconfig.json')), timeOf(join(root, 'package.json')));
  for (const folder of SOURCES.map((name) => join(root, name)).filter(existsSync)) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) newest = Math.max(newest, timeOf(join(folder, file)));
    }
  }
  return newest;
}

/** Says which lock file node_modules was installed from: times of files say nothing after a git checkout. */
const STAMP = join(root, 'node_modules', '.installed-lock-hash');

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** Hash of the lock file that is installed. Whoever ran `npm ci` by hand after the lock file changed is believed. */
function installedLock() {
  if (existsSync(STAMP)) return readFileSync(STAMP, 'utf8');
  const installed = timeOf(join(root, 'node_modules', '.package-lock.json'));
  if (installed <= timeOf(join(root, 'package-lock.json'))) return undefined;
  writeFileSync(STAMP, lockHash());
  return lockHash();
}

/** A linked node_modules belongs to another checkout: installing through the link would empty that one. */
const isLinked = () => lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Runs a command, its output on stderr: stdout belongs to the command that is being prepared for. */
function run(what, command, args) {
  process.stderr.write(`${what} …\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`${what} failed${error === undefined ? '' : `: ${error.message}`}\n`);
  process.exit(1);
}

/** Checks the Node version, then installs and builds if needed. Ends the process with a clear line when it cannot. */
export function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`Node ${process.versions.node} is too old: 20.19 or newer is needed\n`);
    process.exit(1);
  }
  if (!isLinked() && installedLock() !== lockHash()) {
    const npm = process.env.npm_execpath;
    if (npm === undefined) run('installing packages', 'npm', ['ci', '--no-audit', '--no-fund']);
    else run('installing packages', process.execPath, [npm, 'ci', '--no-audit', '--no-fund']);
    writeFileSync(STAMP, lockHash());
  }
  if (newestSource() > timeOf(join(root, 'dist', '.tsbuildinfo'))) {
    run('building', process.execPath, [join(root, 'scripts', 'build.mjs')]);
  }
}
