/** What happens to the next pushes because a test wants it: lost, sent twice, or sent in reverse order. */
export class PushFaults {
  #drop = 0;
  #duplicate = 0;
  #reorder = 0;
  #held: (() => void)[] = [];

  /** Loses the next frames. */
  drop(frames: number): void {
    this.#drop = frames;
  }

  /** Sends each of the next frames twice. */
  duplicate(frames: number): void {
    this.#duplicate = frames;
  }

  /** Keeps the next frames until there are so many, then sends them, the last first. */
  reorder(frames: number): void {
    this.#release();
    this.#reorder = frames;
  }

  /** Ends all faults; frames that are kept go out. */
  clear(): void {
    this.#drop = 0;
    this.#duplicate = 0;
    this.#reorder = 0;
    this.#release();
  }

  /** Takes one frame's way out and uses it as planned. */
  pass(send: () => void): void {
    if (this.#drop > 0) this.#drop -= 1;
    else if (this.#reorder > 0) this.#hold(send);
    else {
      send();
      if (this.#duplicate === 0) return;
      this.#duplicate -= 1;
      send();
    }
  }

  #hold(send: () => void): void {
    this.#held.push(send);
    if (this.#held.length < this.#reorder) return;
    this.#reorder = 0;
    this.#release();
  }

  #release(): void {
    const held = this.#held.reverse();
    this.#held = [];
    for (const send of held) send();
  }
}
