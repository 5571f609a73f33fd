// Values and keys as the query language has them written: docs/guide/query.md.

// Bare where that reads as the same text everywhere.
export function writtenValue(value: string): string {
  const bare = /^[a-z_][\w./-]*$/i.test(value) && !/\.\.|^(and|or|not)$/i.test(value);
  return bare ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

// The key of attributes.KEY or resource.KEY.
export const writtenKey = (key: string): string =>
  /^[\w.\-/$]+$/.test(key) ? key : `"${key.replaceAll(/["\\]/g, '\\$&')}"`;
