// `npm start`: makes the checkout ready, then runs the demonstration. Arguments after -- go to it.
import { prepare } from './prepare.mjs';

prepare();
const { main } = await import('../dist/src/bin/acigw.js');
process.exitCode = await main([process.argv[0], process.argv[1], 'demo', ...process.argv.slice(2)]);
