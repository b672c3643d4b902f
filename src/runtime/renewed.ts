/** A text, or what gives it as it is now: passwords, keys and certificates are renewed on disk while processes run for months. */
export type Renewed = string | (() => string);

/** The text as it is now. */
export const textNow = (text: Renewed): string => (typeof text === 'string' ? text : text());

/**
 * What gives a text as it can be read now, and as it was last while it cannot, since a file that is being written anew may be empty or
 * away. Throws what `read` throws when it cannot be read the first time.
 */
export function renewed(read: () => string): () => string {
  let last = read();
  return () => {
    try {
      last = read();
    } catch {
      // The next use reads again.
    }
    return last;
  };
}
