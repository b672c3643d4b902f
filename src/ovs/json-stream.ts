/**
 * Cuts a stream of JSON objects that follow each other without a separator, as OVSDB sends them (RFC 7047 §4), by counting
 * braces outside strings. Gives a function that takes the next piece of text and gives the objects it completed.
 */
export function jsonSplitter(): (text: string) => readonly unknown[] {
  let pending = '';
  let scanned = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;

  const scan = (character: string): boolean => {
    if (escaped) escaped = false;
    else if (inString) {
      if (character === '\\') escaped = true;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      return depth === 0;
    }
    return false;
  };

  return (text) => {
    pending += text;
    const complete: unknown[] = [];
    while (scanned < pending.length) {
      const ends = scan(pending.charAt(scanned));
      scanned += 1;
      if (!ends) continue;
      complete.push(JSON.parse(pending.slice(0, scanned)));
      pending = pending.slice(scanned);
      scanned = 0;
    }
    return complete;
  };
}
