import { NginxRefusal } from './html-pages.js';

const MINUTE = 60_000;

/**
 * How many logins a minute nginx lets through: an APIC limits logins apart from other requests, and says so with pages of
 * nginx, mostly 503, at times 405 (apic-protocol.md §1.4). Off until a test asks for it.
 */
export class LoginLimit {
  #perMinute: number | undefined;
  #times: number[] = [];

  /** Sets the limit; undefined takes it away. */
  set(perMinute: number | undefined): void {
    this.#perMinute = perMinute;
    this.#times = [];
  }

  /** Counts a login at that time, right or wrong. Throws {@link NginxRefusal} 503 when it is one too many. */
  count(now: number): void {
    if (this.#perMinute === undefined) return;
    this.#times = this.#times.filter((time) => time > now - MINUTE);
    if (this.#times.length >= this.#perMinute) throw new NginxRefusal(503);
    this.#times.push(now);
  }
}
