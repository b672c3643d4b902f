import { jsonFormat } from './json.js';
import type { WireFormat } from './wire-format.js';
import { xmlFormat } from './xml.js';

/** Spellings by the name that the configuration uses. */
export const WIRE_FORMATS: Readonly<Record<WireFormat['suffix'], WireFormat>> = { json: jsonFormat, xml: xmlFormat };
