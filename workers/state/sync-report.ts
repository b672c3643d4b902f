import { type ObjectMap, rootOf } from '#model/aci';
import type { CompiledPolicy, Finding } from '#model/policy';
import { type FabricSync, type ObjectSync, SYNC_PHASES, type SyncPhase, type SyncState } from '#ports';
import { rootsBySource, sourcesOf } from './owned-roots.js';

/** One difference between what is wanted of the fabric and what it holds. */
export interface OpenChange {
  /** The object that differs, or is to be made or to go. */
  readonly dn: string;
  readonly className: string;
  readonly phase: Exclude<SyncPhase, 'equal'>;
  readonly why: string;
}

/** Where the report looks. */
export interface SyncSources {
  /** Objects that should be in the fabric; undefined before the first compilation. */
  readonly wanted: () => ObjectMap | undefined;
  /** Objects that are there. */
  readonly found: () => ObjectMap;
  /** All differences between the two. */
  readonly open: () => readonly OpenChange[];
  readonly findings: () => readonly Finding[];
  /** Whether the cluster has the object, as findings name it. */
  readonly exists: (object: string) => boolean;
  readonly membership: () => CompiledPolicy['membership'];
  /** Dn of the EPG that a group is in the fabric. */
  readonly epgOf: (group: string) => string;
  /** The node that a pod runs on. */
  readonly nodeOf: (pod: string) => string | undefined;
  /** Whether the policy store has the newest slice of the node. */
  readonly isPublished: (node: string) => boolean;
}

/** What is said of each object, worked out when somebody asks. */
export class SyncReport implements SyncState {
  readonly #sources: SyncSources;
  readonly #listeners = new Set<() => void>();
  #roots: { readonly of: ObjectMap; readonly bySource: ReturnType<typeof rootsBySource> } | undefined;

  constructor(sources: SyncSources) {
    this.#sources = sources;
  }

  open(): readonly FabricSync[] {
    return [...this.#openRoots().values()].sort((a, b) => rank(b.phase) - rank(a.phase) || compare(a.dn, b.dn));
  }

  dn(dn: string): FabricSync | undefined {
    const root = this.#rootOf(dn);
    if (root === undefined || this.#classOf(dn) === undefined) return undefined;
    return this.#openRoots().get(root) ?? this.#equal(root);
  }

  object(name: string): ObjectSync | undefined {
    const group = this.#groupOf(name);
    const open = this.#openRoots();
    const left = [...open.values()].filter(({ sources }) => sources.includes(name)).map(({ dn }) => dn);
    const dns = new Set([...this.#rootsOf(name), ...left, ...(group === undefined ? [] : [group.epg])]);
    if (dns.size === 0 && !this.#sources.exists(name)) return undefined;
    const fabric = [...dns].sort(compare).flatMap((dn) => open.get(dn) ?? this.#equal(dn) ?? []);
    const findings = this.#sources.findings().filter((finding) => finding.object === name);
    const node = this.#nodeOf(name);
    return {
      object: name,
      phase: worst(fabric.map(({ phase }) => phase)),
      ...(group === undefined ? {} : { group }),
      ...(node === undefined ? {} : { node: { name: node, published: this.#sources.isPublished(node) } }),
      fabric,
      findings,
    };
  }

  watch(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  /** Tells whoever watches that something may have changed. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #groupOf(name: string): ObjectSync['group'] {
    if (!name.startsWith(POD)) return undefined;
    const group = this.#sources.membership().get(name.slice(POD.length));
    return group === undefined ? undefined : { name: group, epg: this.#sources.epgOf(group) };
  }

  #nodeOf(name: string): string | undefined {
    if (name.startsWith(NODE)) return name.slice(NODE.length);
    return name.startsWith(POD) ? this.#sources.nodeOf(name.slice(POD.length)) : undefined;
  }

  /** What is open, put together by the object that is owned as a whole. */
  #openRoots(): ReadonlyMap<string, FabricSync> {
    const roots = new Map<string, FabricSync>();
    for (const { dn, className, phase, why } of this.#sources.open()) {
      const root = this.#rootOf(dn) ?? dn;
      const known = roots.get(root);
      roots.set(root, {
        dn: root,
        className: known?.className ?? this.#classOf(root) ?? className,
        phase: worst([known?.phase ?? 'equal', phase]),
        why: [...new Set([...(known?.why ?? []), why])],
        sources: known?.sources ?? this.#sourcesOf(root),
      });
    }
    return roots;
  }

  #equal(dn: string): FabricSync | undefined {
    const className = this.#classOf(dn);
    if (className === undefined) return undefined;
    return { dn, className, phase: 'equal', why: [], sources: this.#sourcesOf(dn) };
  }

  /** The nearest on either side: of an object that goes, what is wanted has only what is above it. */
  #rootOf(dn: string): string | undefined {
    const [wanted = '', found = ''] = [rootOf(this.#wanted, dn), rootOf(this.#sources.found(), dn)];
    return (found.length > wanted.length ? found : wanted) || undefined;
  }

  /** Who asks for the object; of one that shall go, who did. */
  #sourcesOf(root: string): readonly string[] {
    return sourcesOf(this.#wanted.has(root) ? this.#wanted : this.#sources.found(), root);
  }

  #classOf(dn: string): string | undefined {
    return (this.#wanted.get(dn) ?? this.#sources.found().get(dn))?.className;
  }

  get #wanted(): ObjectMap {
    return this.#sources.wanted() ?? NOTHING;
  }

  /** Objects that the source asks for. Looked up once for each state that is wanted: maps that are handed out do not change. */
  #rootsOf(source: string): readonly string[] {
    const wanted = this.#wanted;
    if (this.#roots?.of !== wanted) this.#roots = { of: wanted, bySource: rootsBySource(wanted) };
    return this.#roots.bySource.get(source) ?? [];
  }
}

const POD = 'Pod/';
const NODE = 'Node/';
const NOTHING: ObjectMap = new Map();

const rank = (phase: SyncPhase): number => SYNC_PHASES.indexOf(phase);

const worst = (phases: readonly SyncPhase[]): SyncPhase =>
  phases.reduce<SyncPhase>((found, phase) => (rank(phase) > rank(found) ? phase : found), 'equal');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
