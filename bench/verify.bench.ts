// Proving that managed objects mean what the policies say, for the scenarios of policy.md §3.13 with fewer groups than VLANs.
//
// Measured, in processor time of this process: the proof alone, without reading, compiling and mapping; its points and pairs;
// and the same scenario with half as many namespaces, for the growth. Baseline in the same run: the scenario's objects
// through JSON and back. Limits: everything proved; growth with the number of namespaces at most 1.5 (pairs grow with 2).
//
// Found, two cores with other work on them: S1a (1,001 classes, 9.1 million pairs, 6.1 million points) 0.2 s, or 0.6 s the
// first time, S1b 0.14 s, S2 (2,001 classes, 100 million pairs, 24 million points) 0.23 s. Growth at most linear.
import { defaultConfiguration, fabricSettings } from '#config';
import { NO_GRANTS, snapshotOf } from '#model/kubernetes';
import { FabricPicture } from '../src/cli/picture/fabric-picture.js';
import type { PolicyState } from '../src/cli/picture/policy-state.js';
import { type Verification, verify } from '../src/cli/verify/verification.js';
import { judge } from './figures.js';
import { scenario } from './policy-scenarios.js';

function stateOf(name: string, scale: number): PolicyState {
  const configuration = defaultConfiguration();
  const { objects } = scenario(name, scale);
  const all = [...objects.namespaces, ...objects.nodes, ...objects.pods, ...objects.policies];
  return {
    configuration,
    settings: fabricSettings(configuration),
    foreignEpgs: [],
    manifests: { objects: all, places: new Map(), findings: [] },
    objects: all,
    snapshot: snapshotOf(objects, 1),
    grants: NO_GRANTS,
  };
}

/** Processor milliseconds of the proof, best of three, and what it says. */
function proved(name: string, scale: number): { readonly milliseconds: number; readonly verification: Verification } {
  const state = stateOf(name, scale);
  const picture = FabricPicture.wanted(state);
  const runs = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    const verification = verify(state, picture);
    const { user, system } = process.cpuUsage(before);
    return { milliseconds: (user + system) / 1000, verification };
  });
  return runs.reduce((best, run) => (run.milliseconds < best.milliseconds ? run : best));
}

function baseline(name: string): number {
  const text = JSON.stringify(stateOf(name, 1).objects);
  const before = process.cpuUsage();
  JSON.parse(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

for (const name of ['S1a', 'S1b', 'S2']) {
  const half = proved(name, 0.5);
  const { milliseconds, verification } = proved(name, 1);
  const { proof, pods } = verification;
  const ratio = (milliseconds / baseline(name)).toFixed(0);
  console.log(
    `${name}: ${proof.points} points of ${proof.pairs} pairs, ${pods.length} classes: ${milliseconds.toFixed(0)} ms (${ratio} times JSON.parse)`,
  );
  judge(`${name} points that differ`, proof.differences, { atMost: 0 });
  judge(`${name} growth with the namespaces, exponent`, Math.log2(milliseconds / half.milliseconds), { atMost: 1.5 });
}
