// The server counts places in a text in bytes of UTF-8, the browser in units of UTF-16.

const bytesOf = (codePoint: number): number =>
  codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;

// A byte inside a character stands for the character's beginning, one behind the end for the end.
export function utf16At(text: string, byte: number): number {
  let bytes = 0;
  let index = 0;
  for (const character of text) {
    bytes += bytesOf(character.codePointAt(0) ?? 0);
    if (bytes > byte) return index;
    index += character.length;
  }
  return index;
}

export function byteAt(text: string, index: number): number {
  let bytes = 0;
  for (const character of text.slice(0, index)) bytes += bytesOf(character.codePointAt(0) ?? 0);
  return bytes;
}
