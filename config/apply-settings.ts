import type { ApplySettings } from '#model/settings';
import type { Configuration } from './schema.js';

/** How the gateway writes to the APIC, with times in milliseconds. */
export function applySettings({ apply }: Configuration): ApplySettings {
  const { hostsFollowSeconds, ...rest } = apply;
  return { ...rest, hostsFollowMs: hostsFollowSeconds * 1000 };
}
