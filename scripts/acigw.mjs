#!/usr/bin/env node
// The `acigw` command. In a checkout it installs and builds first when that is needed; a package comes built.
import { existsSync } from 'node:fs';

if (existsSync(new URL('../tsconfig.json', import.meta.url))) {
  const { prepare } = await import('./prepare.mjs');
  prepare();
}
const { main } = await import('../dist/src/bin/acigw.js');
// Set, not exit(): what was written to a pipe must get out first.
process.exitCode = await main(process.argv);
