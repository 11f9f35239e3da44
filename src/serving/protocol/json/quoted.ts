/** Names that are in every answer (models, versions, outputs) as JSON strings of ASCII: printed once, not for each answer. */

/** More than the names of all models one process serves; whoever has more prints them anew. */
const REMEMBERED = 1024;
const remembered = new Map<string, string>();

const NOT_ASCII = /[^\x20-\x7e]/g;

export function quoted(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const text = JSON.stringify(name).replace(NOT_ASCII, escaped);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(name, text);
  return text;
}

/** RFC 8259, 7: a UTF-16 code unit by its number. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
