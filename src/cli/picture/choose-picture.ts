import { type ApicArguments, readApicObjects, withApic } from './apic-objects.js';
import { FabricPicture } from './fabric-picture.js';
import type { PolicyState } from './policy-state.js';

/** The objects that an APIC holds when the command line names one, else those that would be written. */
export async function pictureFor(
  state: PolicyState,
  given: ApicArguments,
  environment: NodeJS.ProcessEnv,
): Promise<FabricPicture> {
  if (given.apic === undefined) return FabricPicture.wanted(state);
  const configuration = withApic(state.configuration, given);
  const objects = await readApicObjects(configuration, state.settings, environment);
  return FabricPicture.real(state, objects, `APIC ${given.apic.join(', ')}`);
}
