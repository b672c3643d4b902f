// Mistakes in what hosts are told and when, and in what is known of pods that move. In the form of mutant-list.mjs.

const GATE = 'workers/publish-gate.ts';
const MOVES = 'workers/pod-moves.ts';
const PUBLISHER = 'workers/publish-worker.ts';

const mutant = (name, ...edits) => ({ name: `publish: ${name}`, edits });

export const PUBLISH_MUTANTS = [
  mutant('moves are over when the hosts were told', [MOVES, 'this.#toldAt = at;', '']),
  mutant('moves that hosts were told of are forgotten', [
    MOVES,
    'if (from !== to) this.#told.set(keyOf({ from, to }), { from, to });',
    '',
  ]),
  mutant('hosts are told whatever is desired by then', [GATE, '() => this.isOpen', '() => true']),
  mutant('hosts are told nothing where nobody knows what', [
    'workers/host-barrier.ts',
    'if (stale === undefined) return LOOK_MS;',
    'if (stale === undefined) return 0;',
  ]),
  mutant('the store is read when it is known what is desired', [
    PUBLISHER,
    'if (!this.#known) await this.#readBack();\n    const desired = this.#context.desired();\n    if (desired === undefined) return undefined;',
    'const desired = this.#context.desired();\n    if (desired === undefined) return undefined;\n    if (!this.#known) await this.#readBack();',
  ]),
  mutant('a key of an earlier run takes a slice away', [
    PUBLISHER,
    'if (desired === undefined) return;\n    const policy = desired.nodes.get(node);',
    'const policy = desired?.nodes.get(node);',
  ]),
  mutant('patience that was used up lets everything out', [GATE, 'if (mayFollow) this.#waitingSince = undefined;', '']),
  mutant('a slow put comes after a newer one', [
    PUBLISHER,
    '(this.#turns.get(node) ?? Promise.resolve())',
    'Promise.resolve()',
  ]),
  mutant('a clock that is put back lengthens the wait for hosts', [
    MOVES,
    'return Math.max(0, this.#toldAt + followMs - clock.uptime());',
    'return Math.max(0, this.#toldAt + followMs - clock.now());',
  ]),
  mutant('a host is told what came up while it waited for its turn', [PUBLISHER, 'if (!mayTell()) return false;', '']),
  mutant('a write of a slice that failed was surely not taken', [
    PUBLISHER,
    'this.#published.set(policy.node, IN_DOUBT);',
    '',
  ]),
  mutant('a slice that failed to be removed is surely there', [
    PUBLISHER,
    'if (this.#published.has(node)) this.#published.set(node, IN_DOUBT);',
    '',
  ]),
  mutant('what is read back of a store was not written meanwhile', [
    PUBLISHER,
    'for (const node of written) this.#published.set(node, IN_DOUBT);',
    '',
  ]),
  mutant('what was written from beginning to end while the store was read counts as it was read', [
    PUBLISHER,
    'for (const written of this.#readings) written.add(node);',
    '',
  ]),
  mutant('a host knows of a slice when the store has answered', [
    MOVES,
    'if ([...byPod.values()].some((places) => places.length > 1)) this.#coming = undefined;',
    '',
  ]),
  mutant('hosts are waited for since a wait of long ago', [
    'workers/host-barrier.ts',
    'if (now - this.#askedAt >= longMs) this.#waitingSince = undefined;',
    '',
  ]),
  mutant('a pod whose host was perhaps told is surely where it was', [
    MOVES,
    'byPod.set(pod, together(byPod.get(pod), places));',
    'byPod.set(pod, byPod.get(pod) ?? places);',
  ]),
];
