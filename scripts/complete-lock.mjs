// Adds the optional platform packages that npm left out of package-lock.json.
//
// A registry mirror may lack a package's builds for other platforms. npm then writes a lock file without them, and
// `npm ci` on another machine stops with "Missing: … from lock file". A stub entry per missing package cures it.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const CPU_NAMES = ['x64', 'arm64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el'];
const OS_NAMES = ['linux', 'darwin', 'win32', 'freebsd', 'openbsd', 'netbsd', 'android', 'sunos', 'aix', 'openharmony'];
const bareVersion = (range) => range.replace(/^[\^~]/, '');

let added = 0;
for (const [place, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`${place}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages) continue;
    const words = name.split(/[-/]/);
    const os = OS_NAMES.filter((word) => words.includes(word));
    const cpu = CPU_NAMES.filter((word) => words.includes(word));
    lock.packages[`node_modules/${name}`] = {
      version: bareVersion(range),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      ...(os.length > 0 ? { os } : {}),
      ...(cpu.length > 0 ? { cpu } : {}),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} optional platform packages added`);
