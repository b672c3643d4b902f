import type { ObjectStore, StoredObject } from '../tree/index.js';
import { badLogin, deniedByTacacs } from './session-errors.js';

/** Somebody who may log in from the start, as an administrator. */
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

/** Login domains that are there without being configured. */
export const BUILT_IN_DOMAINS: readonly string[] = ['local', 'DefaultAuth'];

/** `apic:dom\user` and `apic#dom\\user` (apic-protocol.md §1.2). */
const DOMAIN_LOGIN = /^apic[:#]([^\\]*)\\+(.*)$/s;

/**
 * The users of the simulated APIC: the `aaaUser` objects of its tree, so that one made over REST may log in, and one
 * that is deleted may not. Those given at start keep the password of their start until another is written.
 */
export class Users {
  readonly #credentials: ReadonlyMap<string, string>;
  readonly #store: () => ObjectStore;
  readonly #now: () => number;
  readonly #numbers = new Map<string, number>();

  constructor(credentials: readonly UserCredentials[], store: () => ObjectStore, now: () => number) {
    this.#credentials = new Map(credentials.map(({ name, password }) => [name, password]));
    this.#store = store;
    this.#now = now;
    for (const { name } of credentials) this.#numberOf(name);
  }

  /**
   * The user that a login name stands for, when the password is right, the account active and not expired, and the login
   * domain, if one is named, exists (apic-protocol.md §1.2). Throws 401 in all other cases.
   */
  verify(loginName: string, password: string): User {
    const [, domain, bare] = DOMAIN_LOGIN.exec(loginName) ?? [];
    this.#requireDomain(domain);
    const name = bare ?? loginName;
    if (!this.isUsable(name)) throw badLogin();
    const expected = this.objectOf(name)?.attributes.pwd || this.#credentials.get(name);
    if (expected === undefined || expected === '' || expected !== password) throw badLogin();
    return this.user(name);
  }

  /** Whether the account is there, active, and not past the day that it expires on (`aaaUser.expires`, `expiration`). */
  isUsable(name: string): boolean {
    const user = this.objectOf(name);
    if (user === undefined || user.className !== 'aaaUser') return user !== undefined;
    const { accountStatus, expires, expiration = '' } = user.attributes;
    return accountStatus === 'active' && !(expires === 'yes' && Date.parse(expiration) <= this.#now());
  }

  /** A domain of TACACS+ has no server here that could say anything but no (its text: apic-protocol.md §1.1). */
  #requireDomain(domain: string | undefined): void {
    if (domain === undefined || domain === 'fallback') return;
    if (!this.domains().includes(domain)) throw badLogin();
    const method = this.#store().get(`uni/userext/logindomain-${domain}/domainauth`);
    if (method?.attributes.realm === 'tacacs') throw deniedByTacacs();
  }

  /** A user by name, whether it exists or not. */
  user(name: string): User {
    const given = this.objectOf(name)?.attributes.unixUserId ?? '0';
    return { name, unixUserId: given === '0' ? String(this.#numberOf(name)) : given };
  }

  /** The `aaaUser` object, else the `aaaAppUser` of that name, if there is one. */
  objectOf(name: string): StoredObject | undefined {
    return this.#store().get(`uni/userext/user-${name}`) ?? this.#store().get(`uni/userext/appuser-${name}`);
  }

  /** Names of the login domains. */
  domains(): readonly string[] {
    const configured = [...this.#store().ofClass('aaaLoginDomain')].map((object) => object.attributes.name ?? '');
    return [...new Set([...BUILT_IN_DOMAINS, ...configured])];
  }

  #numberOf(name: string): number {
    const number = this.#numbers.get(name) ?? FIRST_USER_ID + this.#numbers.size;
    this.#numbers.set(name, number);
    return number;
  }
}
