import type { NodePolicySink, PolicyStore } from '#ports';
import { decodeNodePolicy, encodeNodePolicy } from './node-policy-codec.js';

/**
 * A policy store within the process, for one process that is controller and agent at once. It keeps texts, as the others
 * do, so that no reader ever holds a writer's object.
 */
export function memoryPolicyStore(): PolicyStore {
  const texts = new Map<string, string>();
  const watchers = new Map<string, Set<NodePolicySink>>();

  const read = (node: string) => {
    const text = texts.get(node);
    return text === undefined ? undefined : decodeNodePolicy(text, node);
  };
  const tell = (node: string): void => {
    for (const sink of watchers.get(node) ?? []) sink.policy(read(node));
  };

  return {
    async put(policy) {
      texts.set(policy.node, encodeNodePolicy(policy));
      tell(policy.node);
    },
    async remove(node) {
      if (texts.delete(node)) tell(node);
    },
    get: async (node) => read(node),
    nodes: async () => [...texts.keys()].sort(),
    async watch(node, sink, signal) {
      if (signal.aborted) return;
      const sinks = watchers.get(node) ?? new Set();
      watchers.set(node, sinks.add(sink));
      sink.policy(read(node));
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      sinks.delete(sink);
    },
    close: async () => undefined,
  };
}
