// What the address of a comparison says after the question mark.
export const usualSide = 'usual'; // as B: what runs of the same name usually take

export type CompareSearch = { a?: string | undefined; b?: string | undefined; span?: string | undefined };
