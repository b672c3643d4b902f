// Mistakes in what is removed from an APIC, and in the listings that it goes by. In the form of mutant-list.mjs.

const LISTING = 'src/apic/listing.ts';
const UNINSTALL = 'workers/uninstall.ts';
const OTHERS = 'src/fabric/others-below.ts';
const CONFIGURED = 'src/model/aci/configured.ts';
const QUERY = 'src/apic/query.ts';

const mutant = (name, ...edits) => ({ name: `removal: ${name}`, edits });

export const REMOVAL_MUTANTS = [
  mutant('pages of every class are taken as they come', [
    LISTING,
    "(listing.classes !== 'all' || hasNoneTwice(found))",
    'true',
  ]),
  mutant('what objects have to say is not asked for', [
    QUERY,
    '${subtreeQuery(listing)}${filterOf(listing.values ?? {})}',
    '${subtreeQuery(listing)}',
  ]),
  mutant('one of several values is enough', [QUERY, '`and(${tests.join()})`', '`or(${tests.join()})`']),
  mutant('marks are looked for in the first tenant only', [
    UNINSTALL,
    'const tops = [...marks.map(',
    'const tops = [...marks.slice(0, 1).map(',
  ]),
  mutant('of a tenant only one object is looked at', [UNINSTALL, '.slice(0, TENANT.test(dn) ? 2 : 3)', '.slice(0, 3)']),
  mutant('only tenants are looked at', [UNINSTALL, "{ dn: 'uni', classes", "{ dn: 'uni/tn-old', classes"]),
  mutant('marks of other clusters count', [UNINSTALL, ", 'tagAnnotation.value': clusterId };", ' };']),
  mutant('objects of others go without a word', [UNINSTALL, 'if (left.others.length > 0 && !withOthers) break;', '']),
  mutant('objects of others go after the first round', [
    UNINSTALL,
    'if (left.others.length > 0 && !withOthers) break;',
    'if (found.others.length > 0 && !withOthers) break;',
  ]),
  mutant('objects of others stay although they may go', [
    UNINSTALL,
    'if (left.others.length > 0 && !withOthers) break;',
    'if (left.others.length > 0) break;',
  ]),
  mutant('what others have elsewhere is in the way', [UNINSTALL, 'hasAncestorIn(tops, object.dn) &&', '']),
  mutant('only what is right below is seen', [
    UNINSTALL,
    'hasAncestorIn(tops, object.dn) &&',
    "tops.has(parentDn(object.dn) ?? '') &&",
  ]),
  mutant('an admin’s holder of bindings goes, too', [UNINSTALL, ' && annotation === ORCHESTRATOR', '']),
  mutant('a holder of bindings goes with those of others', [
    UNINSTALL,
    'isConfigured(object) && stays(object),',
    'false,',
  ]),
  mutant('a holder of bindings goes before it was seen to be empty', [
    UNINSTALL,
    'batches: batches.length > 0 ? batches : holders.map(',
    'batches: holders.length === 0 ? batches : holders.map(',
  ]),
  mutant('its own objects are in the way', [OTHERS, ' && !isOwn(object);', ';']),
  mutant('what bindings hang below is in the way', [OTHERS, '!isBindingsHolder(object) &&', '']),
  mutant('each object of a tree of others is named', [
    OTHERS,
    'objects.filter(({ dn }) => !hasAncestorIn(dns, dn))',
    'objects.filter(() => true)',
  ]),
  mutant('what others have goes with the object above it', [
    OTHERS,
    'if (others.length === 0) {',
    'if (others.length >= 0) {',
  ]),
  mutant('nothing of an object that stays goes', [
    OTHERS,
    "spared.push({ kind: 'delete', object });",
    "spared.push(...(object.dn === '' ? [change] : []));",
  ]),
  mutant('an object that stays loses its marks', [OTHERS, "if (className === 'tagAnnotation') return true;", '']),
  mutant('an object that stays loses its domain', [
    OTHERS,
    'return classRow(className)?.relation !== undefined && !BINDINGS',
    "return className === '' && !BINDINGS",
  ]),
  mutant('an object that stays keeps its VLAN', [OTHERS, '!BINDINGS.has(className) && ', '']),
  mutant('what others hang below it meanwhile goes with it', [
    'src/fabric/live-difference.ts',
    ' && !this.#hasOthers(dn);',
    ';',
  ]),
  mutant('what the APIC made is somebody’s', [CONFIGURED, "attributes['uid'] !== MADE_BY_APIC && ", '']),
  mutant('what comes with its parent is somebody’s', [CONFIGURED, " || row?.creatable === 'never'", '']),
  mutant('what was derived is somebody’s', [
    CONFIGURED,
    " && (attributes['lcOwn'] ?? CONFIGURED_HERE) === CONFIGURED_HERE",
    '',
  ]),
  mutant('tags are objects by themselves', [CONFIGURED, "propertySpec(className, 'annotation') !== undefined", 'true']),
  mutant('classes that the model does not know do not count', [CONFIGURED, "'annotation' in attributes", 'false']),
];
