import { parseArgs } from 'node:util';
import { runStorms } from './storms.js';
import { tallyText } from './tally-text.js';

// `npm run chaos -- --minutes N [--seed S]`: storms for so long, in a VRF of the gateway's own with an even seed, else in tenant common. A seed that failed can be told again; the timing of processes is
// not part of it, so that a rare failure may need several tries.

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run chaos -- --minutes N [--seed S]; expected a positive number and a whole one');
  process.exit(2);
}
const vrf = seed % 2 === 0 ? 'own' : 'common';
console.log(`seed ${seed}, VRF ${vrf}, ${minutes} minutes`);
const until = Date.now() + minutes * 60_000;
const tally = await runStorms({ seed, vrf, goOn: () => Date.now() < until, log: (line) => console.log(line) });
console.log(tallyText(tally));
