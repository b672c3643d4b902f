/** Stages of a fault's life (`faultInst.lc`) in which its condition holds no more (apic-protocol.md §6.6). */
const ENDED: ReadonlySet<string> = new Set(['soaking-clearing', 'raised-clearing', 'retaining']);

/** Whether a fault with these attributes says something that holds now. */
export const isFaultActive = ({ lc, severity }: Readonly<Record<string, string>>): boolean =>
  !ENDED.has(lc ?? '') && severity !== undefined && severity !== 'cleared';
