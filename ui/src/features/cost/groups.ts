export const costGroups = ['model', 'provider', 'user', 'session', 'prompt', 'service', 'day', 'tool'] as const;
export type CostGroup = (typeof costGroups)[number];
