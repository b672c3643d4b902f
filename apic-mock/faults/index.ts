export { Faults } from './faults.js';
export { followHealth, healthOf } from './health.js';
