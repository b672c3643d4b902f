import type { FlatObject, ManagedObject } from '#model/aci';

/** What an answer or a push says, whatever its spelling. */
export interface WireDocument {
  /** Size of the whole result as the APIC writes it, a number in text; undefined in a push. */
  readonly totalCount: string | undefined;
  /** The subscription that an answer began, or those that a push belongs to. */
  readonly subscriptionIds: readonly string[];
  /** The objects at the top level, attributes as the APIC spells them, without children. */
  readonly objects: readonly FlatObject[];
}

/** One of the APIC's two spellings. It is chosen by the URL's suffix alone (apic-protocol.md §0). */
export interface WireFormat {
  readonly suffix: 'json' | 'xml';
  readonly contentType: string;
  /** An envelope, or undefined for a text that is none: half an answer, a page of a proxy, the other spelling. */
  read(text: string): WireDocument | undefined;
  /** The text of a request's body. Throws `InvalidInputError` for what the spelling cannot say. */
  write(object: ManagedObject): string;
}
