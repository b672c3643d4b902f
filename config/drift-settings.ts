import { z } from 'zod';
import { DEFAULT_DRIFT_FLIPS, DEFAULT_DRIFT_WINDOW_SECONDS, DRIFT_POLICIES, type DriftSettings } from '#model/settings';

const word = z.string().regex(/^[A-Za-z0-9*]+$/, 'expected a name, or a pattern with *');

/** What becomes of what others change in the gateway's objects. */
export const drift = z
  .strictObject({
    rules: z
      .array(z.strictObject({ class: word, field: word.default('*'), policy: z.enum(DRIFT_POLICIES) }))
      .default([]),
    flips: z.number().int().min(1).max(100).default(DEFAULT_DRIFT_FLIPS),
    windowSeconds: z.number().min(1).max(86_400).default(DEFAULT_DRIFT_WINDOW_SECONDS),
  })
  .prefault({});

/** The drift settings of a configuration, in the units that the workers use. */
export function driftSettings({
  drift: { rules, flips, windowSeconds },
}: {
  readonly drift: z.infer<typeof drift>;
}): DriftSettings {
  return { rules, flips, windowMs: windowSeconds * 1000 };
}
