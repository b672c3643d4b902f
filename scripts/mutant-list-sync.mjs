// Mistakes in the sync engine: queues, delegated work, what goes out together, who leads, addresses that the fabric
// knows. In the form of mutant-list.mjs.

const IN_PROCESS = 'workers/queue/in-process.ts';
const TIMERS = 'workers/queue/key-timers.ts';
const WAITING = 'workers/queue/waiting-keys.ts';
const BULLMQ = 'src/queue/bullmq-queue.ts';
const RUNNER = 'src/queue/job-runner.ts';
const DELEGATED = 'workers/delegation/delegated-work.ts';
const LANES = 'workers/delegation/lanes.ts';
const POSTER = 'workers/delegation/delegated-poster.ts';
const WAVES = 'src/fabric/waves.ts';
const BRIDGES = 'mappers/move-bridges.ts';
const LEADERSHIP = 'src/runtime/leadership.ts';
const LEASE = 'src/kubernetes/lease-store.ts';
const LEARNED = 'workers/inventory/learned-groups.ts';
const KEPT = 'workers/mirror/kept-object.ts';
const MIRROR = 'workers/fabric-mirror.ts';

const INTERRUPTIONS = 'workers/mirror/interruptions.ts';
const REFLECTOR = 'src/kubernetes/reflector.ts';
const SCRIPTS = 'src/queue/contents-scripts.ts';
const CONNECT = 'src/apic/connect-limit.ts';
const TLS = 'src/apic/tls.ts';
const PARKED = 'workers/parked-objects.ts';
const REPLY = 'src/apic/reply.ts';

const mutant = (name, ...edits) => ({ name: `sync: ${name}`, edits });

export const SYNC_MUTANTS = [
  mutant('a key that is added while it runs is forgotten', [
    IN_PROCESS,
    'if (this.#running.has(key)) this.#dirty.add(key);',
    'if (this.#running.has(key)) return;',
  ]),
  mutant('a key runs twice at a time', [
    IN_PROCESS,
    'if (this.#running.has(key)) this.#dirty.add(key);\n    else this',
    'this',
  ]),
  mutant('a key that succeeded backs off as if it had not', [
    IN_PROCESS,
    'this.#runs.done += 1;\n    this.#failures.delete(key);',
    'this.#runs.done += 1;',
  ]),
  mutant('an addition waits for the retry', [
    IN_PROCESS,
    'this.#retries.cancel(key);',
    'if (this.#retries.has(key)) return;',
  ]),
  mutant('the letter that was left while a run went well is lost', [
    IN_PROCESS,
    'if (this.#dead.get(key) === letter) this.#dead.delete(key);',
    'this.#dead.delete(key);',
  ]),
  mutant('the later of two times counts', [TIMERS, 'if (known !== undefined && known.due <= due) return;', '']),
  mutant('inventory comes before policy', [WAITING, 'WORK_CLASSES.map(', '[...WORK_CLASSES].reverse().map(']),
  mutant('BullMQ: a key that is added while it runs is forgotten', [BULLMQ, 'keepLastIfActive: true, ', '']),
  mutant('BullMQ: letters of keys that went well stay', [
    RUNNER,
    'if (letter !== undefined) await this.#queue.dead.removeIfSame(letter);',
    '',
  ]),
  mutant('BullMQ: a run that was stopped counts as failed', [
    RUNNER,
    'if (signals.some(({ aborted }) => aborted)) throw new RunAgain(error, 0);',
    '',
  ]),
  mutant('an old content may come after a newer one', [
    LANES,
    'return this.#abandoned.some((work) => work.lane === lane);',
    'return false;',
  ]),
  mutant('work that the store lost is waited for', [
    DELEGATED,
    'Object.assign(pending, { isPut: false, isQueued: false, losses: losses + 1, putAt: clock.uptime() + waitMs });',
    '',
  ]),
  mutant('what the gateway before gave out is not waited for', [
    DELEGATED,
    'return clock.uptime() + leftMs;',
    'return clock.uptime();',
  ]),
  mutant('letters of what nobody wants stay', [
    POSTER,
    'if (stale.size > 0) await letters.forgetDead([...stale]);',
    '',
  ]),
  mutant('prefixes move in any order', [WAVES, 'if (IN_ORDER.has(name)) return', 'if (name === undefined) return']),
  mutant('what refers goes out with what it refers to', [WAVES, 'wave.rank !== rank ||', '']),
  mutant('what is below goes out with what it is below', [WAVES, ' || isBelow(batch, wave.units)', '']),
  mutant('a pod that comes meets nobody inside by what is wanted anyway', [
    BRIDGES,
    'wanted.has(epg, role, contract) || bridges.has(epg, role, contract)',
    'bridges.has(epg, role, contract)',
  ]),
  mutant('the whole VRF does something inside an isolated EPG', [BRIDGES, ' || everyones[role].has(contract)', '']),
  mutant('what a new group may do inside, it may not with those to come', [
    BRIDGES,
    "for (const contract of wanted.contractsOf(to, 'inside')) {",
    'for (const contract of []) {',
  ]),
  mutant('two lead: a lease that was renewed counts from when it was seen first', [
    LEADERSHIP,
    'if (this.#seen?.version !== version) this.#seen',
    'if (this.#seen === undefined) this.#seen',
  ]),
  mutant('two lead: a leader does not see that its lease has ended', [
    LEADERSHIP,
    'return this.#leftMs > 0;',
    'return this.#heldSince !== undefined;',
  ]),
  mutant('two lead: a clock that was set forward ends a lease of others', [
    'src/runtime/moment.ts',
    'Math.min(clock.now() - moment.wall, clock.uptime() - moment.uptime)',
    'clock.now() - moment.wall',
  ]),
  mutant('two lead: a clock that was set back makes a lease longer', [
    'src/runtime/moment.ts',
    'Math.max(clock.now() - moment.wall, clock.uptime() - moment.uptime)',
    'clock.now() - moment.wall',
  ]),
  mutant('a lease that cannot be renewed is kept up to its end', [
    LEADERSHIP,
    'const LEADS_FOR = 2 / 3;',
    'const LEADS_FOR = 2;',
  ]),
  mutant('a lease is written over that of a quicker one', [
    LEASE,
    '...(instead === undefined ? {} : { resourceVersion: instead.version })',
    '',
  ]),
  mutant('an address is in two groups', [LEARNED, 'if (isElsewhere || now', 'if (now']),
  mutant('an address that is silent is forgotten at once', [LEARNED, 'now - seenAt >= keepMs', 'now - seenAt > 0']),
  mutant('what an event says of a known object is taken for known', [
    KEPT,
    'if (known[name] !== canonicalValue(className, name, value)) return false;',
    '',
  ]),
  mutant('what is told in another spelling is something new', [
    KEPT,
    'const text = canonicalValue(className, name, value);',
    'const text = value;',
  ]),
  mutant('what is gone from a list stays in the picture', [
    MIRROR,
    'this.#drop(dn);\n        counts.removed += 1;',
    'counts.removed += 1;',
  ]),
  mutant('what is below a deleted object stays in the picture', [
    MIRROR,
    'for (const below of [...this.#tree.below(dn)].reverse()) this.#drop(below);',
    '',
  ]),
  mutant('an approval is for whatever is the same again', [
    'workers/deletion-approvals.ts',
    'this.#approved = new Set(changes.filter(isApproved).map(({ object }) => object.dn));',
    '',
  ]),
  mutant('an approval is for all that waits by then', [
    'workers/deletion-approvals.ts',
    'since <= shown.round ?',
    'since >= 0 ?',
  ]),
  mutant('what joins makes all wait anew', [
    'workers/deletion-approvals.ts',
    'before.get(dn) ?? this.#round',
    'this.#round',
  ]),
  mutant('a hash can be approved for ever', [
    'workers/deletion-approvals.ts',
    'now - uptime > APPROVABLE_MS',
    'now - uptime > Infinity',
  ]),
  mutant('hosts wait for what cannot be made', [
    'src/fabric/live-plan.ts',
    'return (change) => !isLeftOut(change) && found().isPossible(change);',
    'return (change) => !isLeftOut(change);',
  ]),
  mutant('who asks for slices takes the word away that they can be made', [
    'workers/inventory/admin-openings.ts',
    'if (!this.#isReady) this.#look();',
    'if (!this.#isReady) this.refresh();',
  ]),
  mutant('an address in another VRF is the same machine', [
    'workers/inventory/group-prefixes.ts',
    'if (itsVrf !== undefined && itsVrf !== vrf) continue;',
    '',
  ]),
  mutant('silence counts while the fabric is not followed', [LEARNED, 'this.#lookedAt = undefined;', '']),
  mutant('external EPGs of its own are told before they can be told from others', [
    'workers/inventory/fabric-groups.ts',
    'if (!this.#known && mirror.trusted && !isFabricKnown()) return { againAfterMs: LOOK_MS };',
    '',
  ]),
  mutant('a namespace says what was wrong for ever', [
    'workers/status/object-conditions.ts',
    'if (!mayBeSaid(name) && !this.#isMarked(name)) continue;',
    'if (!mayBeSaid(name)) continue;',
  ]),
  mutant('what was made anew has no conditions', [
    'workers/status/object-conditions.ts',
    'this.#there.clear();\n  }',
    '}',
  ]),
  mutant('an answer is newer than what events told before it', [
    MIRROR,
    'if (told?.has(object.dn) === true) continue;',
    '',
  ]),
  mutant('a timer waits longer when the clock is put back', [
    TIMERS,
    'this.#clock.uptime() + milliseconds',
    'this.#clock.now() + milliseconds',
  ]),
  mutant('subscriptions are refreshed by a clock that people set', [
    'src/apic/subscriptions.ts',
    'return clock.uptime() + ((refreshTimeoutSeconds',
    'return clock.now() + ((refreshTimeoutSeconds',
  ]),
  mutant('a lease that was asked for is kept by who stops', [LEADERSHIP, 'this.#mayHold = true;', '']),
  mutant('whoever takes over does not wait for leases that an emptied Redis has lost', [
    SCRIPTS,
    'local longest = since and math.max(0, since + ARGV[3] - now) or 0',
    'local longest = 0',
  ]),
  mutant('a caller that has nothing to put does not see that Redis was emptied', [
    SCRIPTS,
    'caller()\nfor index = 1, #ARGV, 2 do',
    'for index = 1, #ARGV, 2 do',
  ]),
  mutant('a connection may take for ever', [CONNECT, 'socket.destroy(late()), limitMs)', 'undefined, limitMs)']),
  mutant('a connection that stands is ended', [CONNECT, 'socket.once(event, done);', '']),
  mutant('a pinned connection may take for ever', [
    TLS,
    "limitConnecting(connect(connectionOptions(trusting(options, ca))), 'secureConnect', connectMs)",
    'connect(connectionOptions(trusting(options, ca)))',
  ]),
  mutant('a page that says 400 is tried again', [
    REPLY,
    'if (failure === undefined && status === 400 && isWrite === true) {',
    'if (false) {',
  ]),
  mutant('a page that says 400 to a login is a wrong password', [
    REPLY,
    'if (failure === undefined && status === 400 && isWrite === true) {',
    'if (failure === undefined && status === 400) {',
  ]),
  mutant('a list takes back what was written while it was on its way', [
    MIRROR,
    'for (const written of this.#written) written.note({ kind: WRITTEN_AS[kind], dn: object.dn });',
    '',
  ]),
  mutant('a list brings back what was deleted while it was on its way', [
    MIRROR,
    'if (written?.has(object.dn) === true) continue;',
    '',
  ]),
  mutant('an object that was refused is tried again when another one changes', [
    PARKED,
    'if (!isSameObject(before.get(dn), wanted.get(dn))) this.#forgetAt(dn);',
    'this.#parked.clear();',
  ]),
  mutant('what was refused holds back nothing below it', [
    PARKED,
    'this.#parked.has(dn) || hasAncestorIn(this.#parked, dn)',
    'this.#parked.has(dn)',
  ]),
  mutant('a cluster of two times at once is compiled', [
    INTERRUPTIONS,
    'if (this.#awaited.size > 1) this.#isHolding = true;',
    '',
  ]),
  mutant('a resource that is listed anew holds back the others', [
    INTERRUPTIONS,
    'if (this.#awaited.size > 1)',
    'if (this.#awaited.size > 0)',
  ]),
  mutant('one list of a restored store changes nothing for the others', [REFLECTOR, '    restored();', '']),
  mutant('a watch goes on from a version that a restored store has not come to', [
    REFLECTOR,
    'if (isOlder(await currentVersion(read, this.#spec), version)) this.#version = undefined;',
    '',
  ]),
];
