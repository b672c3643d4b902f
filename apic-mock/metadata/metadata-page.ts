import { classPage } from './class-metadata.js';
import { wholeModel } from './whole-model.js';

const CLASS_PAGE = /^\/doc\/jsonmeta\/([a-z0-9]+)\/([A-Za-z0-9]+)$/;

let model: string | undefined;

/**
 * The text of a page of model metadata, by its path without the suffix; undefined for a path or a class that is none
 * (apic-protocol.md §0, §6.1). Whoever asks need not have logged in: generators of clients do not.
 */
export function metadataPage(path: string): string | undefined {
  if (path === '/acimeta/aci-meta') {
    model ??= JSON.stringify(wholeModel());
    return model;
  }
  const [, pkg, name] = CLASS_PAGE.exec(path) ?? [];
  const page = pkg === undefined ? undefined : classPage(`${pkg}${name}`);
  return page === undefined ? undefined : JSON.stringify(page);
}
