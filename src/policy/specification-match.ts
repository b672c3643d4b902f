// How the oracle matches labels and addresses: on the API objects as they are, and on purpose unlike the compiler.

/** A label selector as the API has it. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
    | null;
}

/** Whether the selector selects the labels; null and undefined select everything (policy.md N6, N7). */
export function selects(selector: LabelSelector | null | undefined, labels: Readonly<Record<string, string>>): boolean {
  const exact = Object.entries(selector?.matchLabels ?? {});
  if (exact.some(([key, value]) => !(key in labels) || labels[key] !== value)) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values }) => {
    const present = key in labels;
    const listed = present && (values ?? []).includes(labels[key] ?? '');
    if (operator === 'In') return listed;
    if (operator === 'NotIn') return !listed;
    return operator === 'Exists' ? present : !present;
  });
}

/** Whether the address lies in the CIDR, host bits of the CIDR ignored; bit by bit, on purpose unlike the compiler. */
export function inCidr(ip: string, cidr: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  if (ip.includes(':') !== network.includes(':')) return false;
  return addressBits(ip).slice(0, Number(length)) === addressBits(network).slice(0, Number(length));
}

/** The address as zeros and ones. */
export function addressBits(address: string): string {
  if (!address.includes(':')) {
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  }
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0')).join('');
}
