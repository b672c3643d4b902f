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
  const native = nativePattern(pattern);
  if (native === undefined) return undefined;
  if (isHarmless(pattern)) return (text) => native.test(text);
  const program = compilePattern(pattern);
  return program === undefined ? undefined : (text) => runProgram(program, text);
}

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
