// `npm run mutants`: plants known mistakes in a copy of the sources, one at a time, and runs the suites
// of policy, mappers and fabric, of the datapath (which needs Open vSwitch and root), or of the sync engine (which needs Redis).
// A mistake that no test notices survives, and the run fails. `npm run mutants -- TEXT` plants those with TEXT in the name.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './mutant-list.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'config', 'mappers', 'workers', 'apic-mock', 'kube-mock', 'test', 'bench'];
const COPIED = ['deploy', ...SOURCES, 'dist', 'package.json', 'tsconfig.json', '.mocharc.json'];

/** A copy of the sources and of what was built of them, so that each build has only the mutant to do. */
function copyOfSources() {
  const folder = mkdtempSync(join(tmpdir(), 'acigw-mutants-'));
  for (const name of COPIED) {
    cpSync(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** The changed texts of a mutant by file. Throws when a text is not there exactly once: the list is out of date then. */
function changedFiles({ name, edits }) {
  const files = new Map();
  for (const [file, text, replacement] of edits) {
    const before = files.get(file) ?? readFileSync(join(root, file), 'utf8');
    const found = before.split(text).length - 1;
    if (found !== 1) throw new Error(`mutant '${name}': ${file} has its text ${found} times, not once: ${text}`);
    files.set(
      file,
      before.replace(text, () => replacement),
    );
  }
  return files;
}

/** Builds the copy, without a look at types: that an edit is crude does not matter. */
function build(folder) {
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  spawnSync(process.execPath, [tsc, '-p', '.', '--noCheck'], { cwd: folder, stdio: 'ignore' });
}

/** Longest time the suites may take: a mistake that makes them run for ever is noticed by that. */
const LIMIT_MS = 600_000;

const HOSTS = [
  'datapath/{cluster-verdict.property,connection,verdict,growth,port-mask}.spec.js',
  'agent/node-end-to-end.spec.js',
];
/** What is quick and notices much comes first. */
const POLICY = [
  'regressions/**/*.spec.js',
  'policy/semantics.spec.js',
  'policy/compile.property.spec.js',
  'policy/**/*.spec.js',
];
const FABRIC = [
  'regressions/**/*.spec.js',
  'fabric/fabric-equals-policy.property.spec.js',
  'fabric/plan*.spec.js',
  'mappers/**/*.spec.js',
  'fabric/**/*.spec.js',
  'workers/live-plan.property.spec.js',
  'end-to-end/groups-of-other-tenants.spec.js',
];
/** Suites that look at plans, which are the quickest to notice a mistake in one. */
const PLANS = ['workers/live-plan.property.spec.js', 'fabric/{batches,live-plan,plan,waves}*.spec.js'];
const PLAN_FILES =
  /^src\/fabric\/(batches|bindings-in-the-way|change-order|deletions|live-difference|owner-index|phases|shared-map|units|waves)\.ts$/;

const DRIFT = ['workers/drift*.spec.js', 'workers/drift/*.spec.js', 'fabric/drift-policy.spec.js'];

/** Suites of the parts of the sync engine (some need a Redis, kubectl). */
const SYNC = [
  [/^workers\/queue\/gateway-queue\.ts$/, ['workers/tasks.spec.js']],
  [/^workers\/queue\//, ['workers/{key-timers,in-process}.spec.js']],
  [/^src\/queue\/(contents-scripts|redis-contents)\.ts$/, ['queue/{redis-contents,late-commands}.spec.js']],
  [/^src\/queue\//, ['queue/bullmq-queue.spec.js']],
  [/^src\/apic\/(listing|query)\.ts$/, ['apic/{listing,apic-mock-contract}.spec.js']],
  [
    /^(src\/apic\/http|workers\/(batch-sender|apply-worker))\.ts$/,
    ['workers/{apply-late,apply-plan,batch-sender}.spec.js'],
  ],
  [/^src\/store\//, ['store/etcd.spec.js']],
  [
    /^src\/kubernetes\/(event-writer|reflector)\.ts$/,
    ['kubernetes/{event-writer,reflector}.spec.js', 'end-to-end/restored-cluster.spec.js'],
  ],
  [/^src\/apic\//, ['apic/{connect-limit,session,answers,pinning,set-clock}.spec.js']],
  [/^workers\/delegation\//, ['workers/delegated*.spec.js', 'queue/redis-contents.spec.js']],
  [
    /^(src\/runtime\/(leadership|moment)|src\/kubernetes\/lease-store)\.ts$/,
    ['runtime/leadership*.spec.js', 'kubernetes/lease-store.spec.js'],
  ],
  [
    /^(workers\/uninstall|src\/model\/aci\/configured)\.ts$/,
    ['model/configured.spec.js', 'end-to-end/uninstall.spec.js'],
  ],
  [/^src\/fabric\/others-below\.ts$/, ['fabric/others-below*.spec.js', 'end-to-end/uninstall.spec.js']],
  [/^workers\/inventory\//, ['workers/inventory/*.spec.js']],
  [
    /^(src\/model\/(settings\/fabric-places|aci\/lookup)|src\/fabric\/(relation-target|admin-contracts|foreign-vrfs)|workers\/fabric-objects|config\/fabric-settings)\.ts$/,
    [
      'config/foreign-epgs.spec.js',
      'fabric/{admin-contracts,plan-obstacles}.spec.js',
      'end-to-end/groups-of-other-tenants.spec.js',
      'fabric/{fabric-equals-policy,plan-steps}.property.spec.js',
      'workers/compile-worker.property.spec.js',
    ],
  ],
  [
    /^workers\/(fabric-mirror\.ts|mirror\/)/,
    ['workers/{fabric-mirror*,apply-worker,interruptions}.spec.js', 'end-to-end/restored-cluster.spec.js'],
  ],
  [/^workers\/(compile-worker|overtaken-plans)\.ts$/, ['workers/{overtaken-plans,compile-worker}.spec.js']],
  [/^workers\/publish-worker\.ts$/, ['workers/publish-worker.spec.js']],
  [/^workers\/parked-objects\.ts$/, ['workers/{parked-objects,apply-worker}.spec.js']],
  [/^workers\/status\//, ['workers/status/*.spec.js']],
  [/^(workers\/deletion-approvals|src\/fabric\/live-plan)\.ts$/, ['workers/{deletion-approvals,apply-plan}.spec.js']],
  [
    /^workers\/(pod-moves|publish-gate|host-barrier|bridged-fabric)\.ts$/,
    ['workers/{pod-moves,publish-gate,host-barrier,bridged-fabric,tasks}.spec.js'],
  ],
  [/^mappers\/move-bridges\.ts$/, ['fabric/plan-steps.property.spec.js', 'workers/bridged-fabric.spec.js']],
];

/** Suites in the order in which a mistake in these files is noticed soonest. */
function suitesFor(files) {
  const all = (pattern) => files.every((file) => pattern.test(file));
  if (all(/^src\/datapath\//)) return HOSTS;
  const ofSync = SYNC.find(([pattern]) => all(pattern));
  if (ofSync !== undefined) return ofSync[1];
  if (all(PLAN_FILES)) return [...PLANS, ...FABRIC, ...POLICY];
  if (all(/^(src\/fabric\/(drift|last-equal)|workers\/drift)/)) return DRIFT;
  return all(/^(mappers|src\/fabric)\//) ? [...FABRIC, ...POLICY] : [...POLICY, ...FABRIC];
}

/** The suites that a pattern with braces names: mocha takes one with nothing but braces for the name of a file. */
function withoutBraces(suite) {
  const [whole, names] = /\{([^}]*)\}/.exec(suite) ?? [];
  return whole === undefined ? [suite] : names.split(',').map((name) => suite.replace(whole, name));
}

/** Whether the suites pass on what was built. */
function passes(folder, suites) {
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
  // A test that fails may leave a server behind, which would keep the process alive.
  const args = [
    mocha,
    '--bail',
    '--exit',
    '--reporter',
    'dot',
    ...suites.flatMap(withoutBraces).map((suite) => `dist/test/${suite}`),
  ];
  return spawnSync(process.execPath, args, { cwd: folder, stdio: 'ignore', timeout: LIMIT_MS }).status === 0;
}

prepare();
const wanted = process.argv[2] ?? '';
const chosen = MUTANTS.filter(({ name }) => name.includes(wanted)).map((one) => ({ ...one, files: changedFiles(one) }));
const folder = copyOfSources();
const originals = new Map(
  chosen.flatMap(({ files }) => [...files.keys()]).map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);
const started = Date.now();
const survivors = [];
try {
  const suites = new Set(chosen.flatMap(({ files }) => suitesFor([...files.keys()])));
  if (!passes(folder, [...suites])) throw new Error('the suites fail without a mutant: repair them first');
  for (const { name, files } of chosen) {
    for (const [file, text] of files) writeFileSync(join(folder, file), text);
    build(folder);
    const alive = passes(folder, suitesFor([...files.keys()]));
    if (alive) survivors.push(name);
    console.log(`${alive ? 'SURVIVED' : 'killed  '}  ${name}`);
    for (const file of files.keys()) writeFileSync(join(folder, file), originals.get(file));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - started) / 1000);
console.log(`${chosen.length - survivors.length} killed, ${survivors.length} survived, in ${seconds} s`);
process.exitCode = survivors.length === 0 && chosen.length > 0 ? 0 : 1;
