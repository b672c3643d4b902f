import { type ApicPlaces, apicFor, readApicObjects, withApic } from './apic-objects.js';
import { FabricPicture } from './fabric-picture.js';
import type { PolicyState } from './policy-state.js';

/** The objects that an APIC holds when the command line names one, else those that would be written. */
export async function pictureFor(
  state: PolicyState,
  given: ApicPlaces,
  environment: NodeJS.ProcessEnv,
): Promise<FabricPicture> {
  if (given.apic === undefined) return FabricPicture.wanted(state);
  const client = apicFor(withApic(state.configuration, given), given, environment);
  const objects = await readApicObjects(client, state.settings);
  return FabricPicture.real(state, objects, `APIC ${given.apic.join(', ')}`);
}
