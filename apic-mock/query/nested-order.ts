import { classRow } from '#model/aci';

/**
 * Puts the children of one object, which come oldest first, in the order in which an APIC nests them: class by class, the
 * one with the highest number first, and within a class the newest first. Inferred from what the integration tests of
 * cisco.aci, written against APICs, expect at `children.0` (`commShellinabox` before `commHttp`, the second of two node
 * profiles before the first); a few of their places do not fit, and no document promises an order.
 */
export function inNestedOrder(children: { readonly className: string }[]): void {
  if (children.length < 2) return;
  children.reverse();
  const [first] = children;
  if (children.every(({ className }) => className === first?.className)) return;
  children.sort((a, b) => numberOf(b.className) - numberOf(a.className));
}

const numberOf = (className: string): number => classRow(className)?.id ?? 0;
