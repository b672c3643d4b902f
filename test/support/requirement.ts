import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that a suite needs from the machine: what it is, and whether it is there. */
export interface Requirement {
  readonly name: string;
  readonly met: () => boolean;
  /** True for what no script can install: its absence is never a failure. */
  readonly optional?: true;
}

/** Places of administrators' programs that a user's PATH often lacks. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The full path of a program, or undefined. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** A program on the PATH; `from` says where it can be had. */
export const program = (name: string, from: string): Requirement => ({
  name: `${name} (${from})`,
  met: () => findProgram(name) !== undefined,
});

/** The tests run as root on Linux: namespaces can be made. */
export const root: Requirement = {
  name: 'root on Linux',
  met: () => process.platform === 'linux' && process.getuid?.() === 0,
};

/**
 * A suite that runs only where its requirements are met. Elsewhere it is named as skipped, with what is missing; with
 * REQUIRE_ALL=1 (CI) what is missing is a failure, unless it is optional.
 */
export function describeWith(requirements: readonly Requirement[], title: string, suite: () => void): void {
  const missing = requirements.filter(({ met }) => !met());
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  describe(title, () => {
    const reason = `not run: needs ${missing.map(({ name }) => name).join(', ')}`;
    if (process.env.REQUIRE_ALL !== '1' || missing.every(({ optional }) => optional === true)) {
      // Not switched off: the machine lacks what the suite needs, and the title says what.
      it.skip(reason);
      return;
    }
    it(reason, () => {
      throw new Error(`${reason}; scripts/provision.sh installs it as root`);
    });
  });
}
