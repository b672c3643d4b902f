import { compilePattern } from './pattern-compiler.js';
import { runProgram } from './pattern-program.js';

/** Quantifiers that follow a single character, and those that follow a group; classes and escapes are taken out first. */
const QUANTIFIER = /[*+?]|\{\d/g;
const AFTER_GROUP = /\)(?:[*+?]|\{\d)/;

/** How many quantifiers JavaScript's own engine is trusted with: with two the time grows with the square at worst. */
const TRUSTED_QUANTIFIERS = 2;

/**
 * Compiles the pattern of a `wcard` into a search for it anywhere in a text. JavaScript's engine is the fastest, and a
 * few characters make it run for years (`(a+)+$`): it gets the patterns that cannot, the others run in bounded time.
 * Undefined for what is no regular expression, or one whose time nobody can bound.
 */
export function patternSearch(pattern: string): ((text: string) => boolean) | undefined {
  if (isLiteral(pattern)) return (text) => text.includes(pattern);
  const native = nativePattern(pattern);
  if (native === undefined) return undefined;
  if (isHarmless(pattern)) return nativeSearch(pattern, native);
  const program = compilePattern(pattern);
  return program === undefined ? undefined : (text) => runProgram(program, text);
}

/** What has a meaning of its own in a pattern. */
const META = /[\\^$.*+?()[\]{}|]/;

const isLiteral = (pattern: string): boolean => !META.test(pattern);

/**
 * The engine is asked only about texts that begin as the pattern does: most do not, and that is seen much faster. Of
 * alternatives (`^a|b`) no beginning is certain, nor is the last character before `*`, `?` or `{`.
 */
function nativeSearch(pattern: string, native: RegExp): (text: string) => boolean {
  const [, start = ''] = pattern.includes('|') ? [] : (START.exec(pattern) ?? []);
  return start === '' ? (text) => native.test(text) : (text) => text.startsWith(start) && native.test(text);
}

/** The characters behind `^` that every match begins with. */
const START = /^\^([^\\^$.*+?()[\]{}|]+)(?![*?{])/;

function nativePattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}

function isHarmless(pattern: string): boolean {
  if (/\\[1-9k]|\(\?[=!<]/.test(pattern)) return false;
  const bare = pattern.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x');
  return !AFTER_GROUP.test(bare) && (bare.match(QUANTIFIER) ?? []).length <= TRUSTED_QUANTIFIERS;
}
