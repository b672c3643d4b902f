// Mistakes with what comes late: a decision that was right before something was waited for, a write that is done after it was given up,
// an answer that is lost. In the form of mutant-list.mjs.

const SENDER = 'workers/batch-sender.ts';
const HTTP = 'src/apic/http.ts';
const DELEGATED = 'workers/delegation/delegated-work.ts';
const POSTER = 'workers/delegation/delegated-poster.ts';
const HANDLER = 'workers/delegation/work-handler.ts';
const SCRIPTS = 'src/queue/contents-scripts.ts';
const CONTENTS = 'src/queue/redis-contents.ts';
const WRITES = 'src/store/ordered-writes.ts';
const GROUPS = 'workers/inventory/fabric-groups.ts';
const CONDITIONS = 'workers/status/object-conditions.ts';

const mutant = (name, ...edits) => ({ name: `late: ${name}`, edits });

export const LATE_MUTANTS = [
  mutant('a half of a refused batch is still due', [SENDER, '.filter((changes) => attempt.areDue(changes))', '']),
  mutant('what is refused is parked, whether it is due or not', [
    SENDER,
    'if (!attempt.areDue(batch.changes)) return false;',
    '',
  ]),
  mutant('a plan goes on without what was left out', [
    'workers/apply-worker.ts',
    'return this.#sender.post(batch, signal, areDue).finally(landed);',
    'await this.#sender.post(batch, signal, areDue).finally(landed);\n          return true;',
  ]),
  mutant('a POST is sent after a pause, whether it is due or not', [HTTP, 'request.mayBegin?.();', '']),
  mutant('a batch is handed out to whoever comes, whether it is due or not', [
    DELEGATED,
    'if (!pending.isTried) item.mayBegin?.();',
    '',
  ]),
  mutant('two POSTs that were refused together are two refusals', [
    SENDER,
    'if (!wasForbidden) throw error;',
    'if (!this.#forbidden.has(batch.dn)) throw error;',
  ]),
  mutant('a letter that could not be taken away is forgotten', [
    POSTER,
    'units.filter((dn) => this.#refused.has(dn))',
    'units.filter((dn) => this.#refused.delete(dn))',
  ]),
  mutant('a worker that was stopped gives its lease back at once', [
    HANDLER,
    'if (lease.signal.aborted) await clock.sleep(Math.max(0, contents.leaseMs - mostSince(takenAt, clock)), signal);',
    '',
  ]),
  mutant('work is taken over however late', [SCRIPTS, 'if now > tonumber(ARGV[4]) then return {} end', '']),
  mutant('a wish is forgotten with an answer that is lost', [
    SCRIPTS,
    "return redis.call('HGETALL', WISHED)`,",
    "local given = redis.call('HGETALL', WISHED)\nredis.call('DEL', WISHED)\nreturn given`,",
  ]),
  mutant('a wish that was heard is given for ever', [
    CONTENTS,
    'await this.#run(WISHES, this.#heard)',
    'await this.#run(WISHES, [])',
  ]),
  mutant('a late write undoes a newer one', [
    WRITES,
    'if (succeeded) return header.revision;',
    "if (!succeeded) await this.#client.run((etcd) => etcd.if(key, 'Mod', '!=', '-1').then(change(etcd)).commit());\n      return header.revision;",
  ]),
  mutant('what is not waited for any more goes on top of what came', [
    WRITES,
    ' && performance.now() - began < AGAIN_WITHIN_MS',
    '',
  ]),
  mutant('a write to etcd is tried again by who does not lead any more', [
    'src/store/etcd-client.ts',
    'if (method === WRITE) mayWrite?.();',
    '',
  ]),
  mutant(
    'an Event that comes when all were told waits for the next',
    ['src/kubernetes/event-writer.ts', '    this.#work = undefined;\n  }', '  }'],
    [
      'src/kubernetes/event-writer.ts',
      'this.#work ??= this.#drain();',
      'this.#work ??= this.#drain().then(() => (this.#work = undefined));',
    ],
  ),
  mutant('a watch that was told to list anew is followed again', [
    'src/kubernetes/reflector.ts',
    '() => turn.aborted || this.#resume(),',
    '() => this.#resume(),',
  ]),
  mutant('slices take all places of the queue', ['workers/queue/gateway-queue.ts', 'places: 4', 'places: 8']),
  mutant('a lease is not given back where a renewal came in between', [
    'src/runtime/leadership.ts',
    "isOver = found?.holder !== identity || (await store.put({ ...found, holder: '' }, found, signal));",
    "isOver = true;\n        if (found?.holder === identity) await store.put({ ...found, holder: '' }, found, signal);",
  ]),
  mutant('an edit is signed by who made the one before', [
    'workers/drift/ledger.ts',
    'if (item?.since !== since || item.found !== found || item.modifiedAt !== modifiedAt) return undefined;',
    '',
  ]),
  mutant('a FabricGroup whose write failed is as it was', [
    GROUPS,
    'if (!isRefused(error)) this.#doubted.add(name);',
    '',
  ]),
  mutant('conditions whose write failed are as they were', [
    CONDITIONS,
    'if (!isRefused(error)) this.#doubted.add(name);',
    '',
  ]),
  mutant('a plan may be overtaken for ever', ['workers/compile-worker.ts', '(holdMs?.() ?? 0)', '0']),
  mutant('changes wait for a plan for ever', ['workers/overtaken-plans.ts', ' % (PATIENCE_MS + MOST_HELD_MS)', '']),
  mutant('a plan that waits for hosts has come to its end', [
    'workers/overtaken-plans.ts',
    "if (outcome === 'applied') this.#since = undefined;",
    "if (outcome !== 'outdated') this.#since = undefined;",
  ]),
];
