import { incorrectArgument } from '../apic-error.js';

/**
 * Classes that each category of `rsp-subtree-include` adds to an answer (the words: apic-protocol.md §2.2; `fault-count`
 * is what the APIC's own GUI sends). Those without a class are known and find nothing: no statistics, tasks or deployments
 * are simulated.
 */
const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['faults', ['faultInst', 'faultDelegate']],
  ['fault-count', ['faultCounts']],
  ['health', ['healthInst']],
  ['audit-logs', ['aaaModLR']],
  ['event-logs', ['eventRecord']],
  ['fault-records', ['faultRecord']],
  ['health-records', ['healthRecord']],
  ['ep-records', ['fvCEpRecord']],
  ['deployment-records', []],
  ['full-deployment', []],
  ['stats', []],
  ['tasks', []],
  ['relations', []],
]);

/** Words that change how the categories are shown. */
const MODIFIERS: readonly string[] = ['count', 'no-scoped', 'required', 'subtree'];

/** Classes that stand below the objects they are about and are shown only when a category asks for them. */
const HIDDEN_CLASSES: ReadonlySet<string> = new Set([...CATEGORIES.values()].flat());

/** `rsp-subtree-include`, read. */
export interface SubtreeInclude {
  /** Whether any word was given: then children are shown. */
  readonly isGiven: boolean;
  /** Classes of records that are wanted. */
  readonly classes: ReadonlySet<string>;
  readonly relations: boolean;
  /** One object that says how many there are. */
  readonly count: boolean;
  /** The records alone, without the objects they are about. */
  readonly noScoped: boolean;
  /** Only objects that have something to show below. */
  readonly required: boolean;
  /** Records of all that is below, too. */
  readonly subtree: boolean;
}

/**
 * Reads the comma list. Throws for a word that is none, in the form in which an APIC says it of `rsp-subtree`: that it says
 * it of this option as well is a guess.
 */
export function readSubtreeInclude(text: string): SubtreeInclude {
  const words = text.split(',').filter((word) => word !== '');
  const known = [...CATEGORIES.keys(), ...MODIFIERS];
  if (words.some((word) => !known.includes(word))) throw incorrectArgument('rsp-subtree-include', known);
  return {
    isGiven: words.length > 0,
    classes: new Set(words.flatMap((word) => CATEGORIES.get(word) ?? [])),
    relations: words.includes('relations'),
    count: words.includes('count'),
    noScoped: words.includes('no-scoped'),
    required: words.includes('required'),
    subtree: words.includes('subtree'),
  };
}

/** Whether the class is one that only a category shows. */
export const isHidden = (className: string): boolean => HIDDEN_CLASSES.has(className);
