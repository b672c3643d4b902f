/** Somebody who may log in. */
export interface UserCredentials {
  readonly name: string;
  readonly password: string;
}

/** A known user. The number stands in `uid` of what the user makes (apic-protocol.md §6.4). */
export interface User {
  readonly name: string;
  readonly unixUserId: string;
}

/** First number of an APIC's local users (a login sample in apic-protocol.md §6.4). */
const FIRST_USER_ID = 15_374;

/** The users of the simulated APIC, with their passwords. */
export class Users {
  readonly #users: ReadonlyMap<string, { readonly user: User; readonly password: string }>;

  constructor(credentials: readonly UserCredentials[]) {
    this.#users = new Map(
      credentials.map(({ name, password }, index) => [
        name,
        { user: { name, unixUserId: String(FIRST_USER_ID + index) }, password },
      ]),
    );
  }

  /**
   * The user that a login name stands for, when the password is right. A login domain before the name is read over:
   * `apic:local\admin`, `apic#local\\admin` (apic-protocol.md §1.2).
   */
  verify(loginName: string, password: string): User | undefined {
    const name = loginName.replace(/^apic[:#][^\\]*\\+/, '');
    const known = this.#users.get(name);
    return known !== undefined && known.password === password ? known.user : undefined;
  }
}
