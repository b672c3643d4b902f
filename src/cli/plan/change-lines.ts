import { unitDn } from '#fabric';
import { parentDn } from '#model/aci';
import type { PlanChangeView } from '#ports';
import type { Paint } from './paint.js';

const SIGNS = {
  create: ['green', '+'],
  modify: ['yellow', '~'],
  delete: ['red', '-'],
} as const;

/**
 * A line a change. What is made with the object that it belongs to is counted there instead: an EPG comes with a dozen
 * objects that say nothing to people.
 */
export function changeLines(changes: readonly PlanChangeView[], paint: Paint): readonly string[] {
  const made = new Map(changes.filter(({ change }) => change === 'create').map((view) => [view.dn, view]));
  const below = new Map<string, number>();
  const shown = changes.filter((view) => {
    const top = view.change === 'create' ? topmost(view.dn, made) : view.dn;
    if (top !== view.dn) below.set(top, (below.get(top) ?? 0) + 1);
    return top === view.dn;
  });
  return shown.map((view) => lineOf(view, below.get(view.dn) ?? 0, paint));
}

/** The highest of the objects that are made, down from the one that the Dn belongs to. */
function topmost(dn: string, made: ReadonlyMap<string, unknown>): string {
  const unit = unitDn(dn);
  let top = dn;
  for (let above = parentDn(dn); above !== undefined && made.has(above); above = parentDn(above)) {
    if (unitDn(above) !== unit) break;
    top = above;
  }
  return top;
}

function lineOf(view: PlanChangeView, below: number, paint: Paint): string {
  const [colour, sign] = SIGNS[view.change];
  const more = below === 0 ? '' : ` and ${below} ${below === 1 ? 'object' : 'objects'} below it`;
  return `${paint(colour, `${sign} ${view.class}`)} ${view.dn}${more}${whyText(view)}`;
}

/** What differs, or whose wish it is; nothing for what the gateway itself needs. */
function whyText({ reason: { kind, sources, attributes } }: PlanChangeView): string {
  if (kind === 'differs') {
    return `: ${attributes.map(({ attribute, is, wanted }) => `${attribute} "${is}" → "${wanted}"`).join(', ')}`;
  }
  if (kind === 'unwanted') return sources.length === 0 ? ': nobody asks for it' : `: was for ${few(sources)}`;
  return sources.length === 0 ? '' : `: for ${few(sources)}`;
}

const NAMED = 3;

function few(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join(', ');
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
}
