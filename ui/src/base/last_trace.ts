// The trace last looked at, per project, so that the list opens where the reader was.
export const lastTrace = new Map<string, string>();
