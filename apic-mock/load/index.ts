export { type LoadedExport, loadExport } from './load-export.js';
export { type LoadableTree, loadTree } from './load-tree.js';
