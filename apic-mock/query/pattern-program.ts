/** One step of a pattern's program: what Thompson's construction makes of a regular expression. */
export type PatternStep =
  | { readonly kind: 'char'; readonly test: (char: string) => boolean }
  | { readonly kind: 'start' | 'end' | 'match' }
  /** Goes on at each of these steps. */
  | { readonly kind: 'fork'; readonly to: readonly number[] };

/**
 * Whether the program matches anywhere in the text. All ways are followed at once, character by character, so that the
 * time is at most steps × characters: no pattern makes it explode.
 */
export function runProgram(program: readonly PatternStep[], text: string): boolean {
  const mark = new Int32Array(program.length).fill(-1);
  let current: number[] = [];
  let next: number[] = [];
  let isMatch = false;
  const add = (list: number[], first: number, position: number): void => {
    const stack = [first];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (mark[index] === position) continue;
      mark[index] = position;
      const step = program[index];
      if (step === undefined) continue;
      if (step.kind === 'char') list.push(index);
      else if (step.kind === 'match') isMatch = true;
      else if (step.kind === 'fork') stack.push(...step.to);
      else if (step.kind === 'start' ? position === 0 : position === text.length) stack.push(index + 1);
    }
  };
  for (let position = 0; position <= text.length; position += 1) {
    add(current, 0, position);
    if (isMatch) return true;
    const char = text[position] ?? '';
    for (const index of current) {
      const step = program[index];
      if (char !== '' && step?.kind === 'char' && step.test(char)) add(next, index + 1, position + 1);
    }
    if (isMatch) return true;
    [current, next] = [next, []];
  }
  return false;
}
