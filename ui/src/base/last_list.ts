// The list last looked at, per project, and its row: where the list opens again, and along which one steps from trace to
// trace. A row's id is its trace id, and in lists of spans a "." and its span id.
import type { Listing } from './listing';

export type LastList = { listing: Listing; rowId: string };

export const lastList = new Map<string, LastList>();
