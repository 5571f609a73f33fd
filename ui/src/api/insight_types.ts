import type { Schemas } from './types';

// What the server derives: usage, sessions, conversations.

export type UsageTokens = Schemas['UsageTokens'];

export type UsageCost = Schemas['UsageCost'];

export type UsageRow = Schemas['UsageRow'];

// `in_prompts`: of how many traces the rows by tool say what results cost.
export type Usage = {
  data: UsageRow[];
  group_count: number;
  pending_requests: number;
  in_prompts?: { traces: number; complete: boolean };
};

export type SessionRow = Schemas['SessionRow'];
export type UserRow = Schemas['UserRow'];

export type CallOf = Schemas['CallOf'];

export type ConversationCall = Schemas['ConversationCall'];

export type ToolCost = Schemas['ToolCost'];

export type Conversation = Schemas['Conversation'];
