/** Paints text for a terminal, or leaves it as it is. */
export type Paint = (colour: 'green' | 'yellow' | 'red' | 'bold', text: string) => string;

const CODES = { green: '32', yellow: '33', red: '31', bold: '1' } as const;

/** Paints where colours are wanted. */
export const painter =
  (isColoured: boolean): Paint =>
  (colour, text) =>
    isColoured ? `\u001B[${CODES[colour]}m${text}\u001B[0m` : text;
