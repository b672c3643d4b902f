import axios, { type AxiosInstance } from 'axios';
import type { FlatObject } from '#model/aci';
import { APIC_USER } from './gateway-stack.js';

interface Reply {
  readonly totalCount: string;
  readonly imdata: readonly Record<string, { readonly attributes: Record<string, string> }>[];
}

/** A plain REST client of an APIC, apart from the gateway's own: what an admin's script would be. */
export class ApicRest {
  readonly #http: AxiosInstance;

  private constructor(http: AxiosInstance) {
    this.#http = http;
  }

  /** Logs in. */
  static async login(
    url: string,
    user: { readonly name: string; readonly password: string } = APIC_USER,
  ): Promise<ApicRest> {
    const body = { aaaUser: { attributes: { name: user.name, pwd: user.password } } };
    const { data } = await axios.post<Reply>(`${url}/api/aaaLogin.json`, body, { proxy: false });
    const token = data.imdata[0]?.['aaaLogin']?.attributes['token'] ?? '';
    return new ApicRest(axios.create({ baseURL: url, proxy: false, headers: { Cookie: `APIC-cookie=${token}` } }));
  }

  /** Everything at and below a Dn, flat. */
  async subtree(dn: string): Promise<readonly FlatObject[]> {
    const { data } = await this.#http.get<Reply>(`/api/mo/${dn}.json?query-target=subtree`);
    return data.imdata.flatMap((entry) =>
      Object.entries(entry).map(([className, { attributes }]) => ({
        className,
        dn: attributes['dn'] ?? '',
        attributes,
      })),
    );
  }

  /** The object at a Dn, or undefined. */
  async object(dn: string): Promise<FlatObject | undefined> {
    const { data } = await this.#http.get<Reply>(`/api/mo/${dn}.json`);
    const [entry] = data.imdata.flatMap((item) => Object.entries(item));
    return entry === undefined ? undefined : { className: entry[0], dn, attributes: entry[1].attributes };
  }

  /** Posts an object in wire form to a Dn. */
  async post(dn: string, object: object): Promise<void> {
    await this.#http.post(`/api/mo/${dn}.json`, object);
  }

  /** Deletes an object. */
  async delete(dn: string): Promise<void> {
    await this.#http.delete(`/api/mo/${dn}.json`);
  }
}
