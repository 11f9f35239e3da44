/** Texts of typed fields that Go's decoders refuse, in their words (encoding/base64, time, resource.Quantity). */
import { isQuantity } from './quantities.js';

const QUANTITY =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

type Element = readonly [name: string, pattern: RegExp];

const DATE_AND_TIME: readonly Element[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^(?:0[1-9]|1[0-2])/],
  ['-', /^-/],
  ['02', /^(?:0[1-9]|[12]\d|3[01])/],
  ['T', /^T/],
  ['15', /^(?:[01]\d|2[0-3])/],
  [':', /^:/],
  ['04', /^[0-5]\d/],
  [':', /^:/],
  ['05', /^[0-5]\d/],
];
const ZONE: Element = ['Z07:00', /^(?:Z|[+-]\d{2}:\d{2})/];
const LAYOUTS: Readonly<Record<string, { layout: string; elements: readonly Element[] }>> = {
  'date-time': {
    layout: '2006-01-02T15:04:05Z07:00',
    elements: [...DATE_AND_TIME, ['', /^(?:[.,]\d+)?/], ZONE],
  },
  'micro-time': {
    layout: '2006-01-02T15:04:05.000000Z07:00',
    elements: [...DATE_AND_TIME, ['.000000', /^[.,]\d{6}/], ZONE],
  },
};

/** What is wrong with a text of a format; undefined when it can be read. */
export function unreadableText(format: string | undefined, text: string): string | undefined {
  if (format === 'quantity') return isQuantity(text) ? undefined : QUANTITY;
  if (format === 'byte') return unreadableBase64(text);
  return format === undefined || !Object.hasOwn(LAYOUTS, format) ? undefined : unreadableTime(format, text);
}

function unreadableBase64(text: string): string | undefined {
  const plain = text.replace(/[\r\n]/g, '');
  const bad = plain.search(/[^A-Za-z0-9+/]/);
  const padded = bad >= 0 && bad >= plain.length - 2 && /^={1,2}$/.test(plain.slice(bad));
  if (bad >= 0 && !padded) return `illegal base64 data at input byte ${bad}`;
  return plain.length % 4 === 0
    ? undefined
    : `illegal base64 data at input byte ${plain.length - (plain.length % 4)}`;
}

function unreadableTime(format: string, text: string): string | undefined {
  const known = LAYOUTS[format];
  if (known === undefined) return undefined;
  const prefix = `parsing time ${JSON.stringify(text)} as "${known.layout}"`;
  let rest = text;
  for (const [name, pattern] of known.elements) {
    const match = pattern.exec(rest);
    if (match === null) return `${prefix}: cannot parse ${JSON.stringify(rest)} as "${name}"`;
    rest = rest.slice(match[0].length);
  }
  return rest === ''
    ? undefined
    : `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
}
