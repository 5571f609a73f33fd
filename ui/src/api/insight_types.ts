// What the server derives: usage, sessions, conversations.

export type UsageTokens = {
  prompt: number | null;
  completion: number | null;
  total: number | null;
  cache_read: number | null;
  cache_write: number | null;
  reasoning: number | null;
};

export type UsageCost = { total_usd: number | null; unpriced_calls: number; cache_savings_usd: number | null };

export type UsageRow = {
  group: Record<string, string | null>;
  calls: number;
  errors: number;
  tokens: UsageTokens | null;
  cost: UsageCost | null;
  latency_ms: { p50: number | null; p95: number | null; p99: number | null } | null;
};

export type Usage = { data: UsageRow[]; group_count: number; pending_requests: number };

type Activity = {
  first_unix_ns: string;
  last_unix_ns: string;
  trace_count: number;
  span_count: number;
  error_count: number;
  calls: number;
  tokens: UsageTokens;
  cost: UsageCost;
  last_trace_id: string;
  last_input_preview: string | null;
};

export type SessionRow = Activity & { session_id: string; user_ids: string[]; user_count: number };
export type UserRow = Activity & { user_id: string; session_ids: string[]; session_count: number };

export type CallOf = { trace_id: string; span_id: string };

// One call of a model; `index` counts the messages of its prompt.
export type ConversationCall = CallOf & {
  start_unix_ns: string;
  model: string | null;
  thread: number;
  messages: number;
  tokens: { prompt: number | null; cache_read: number | null; cache_write: number | null };
  previous: CallOf | null;
  shared_prefix: { messages: number; characters: number; estimated_tokens: number | null } | null;
  cache_break: { at: 'model' | 'tools' | 'system' | 'message'; message: number | null } | null;
  new_messages: { index: number; role: string | null; characters: number; was_output: boolean }[];
  new_message_count: number;
};

export type ToolCost = {
  name: string | null;
  results: number;
  characters: number;
  carried: number;
  measured_tokens: number | null;
  estimated_tokens: number | null;
  uncounted: number;
  cost_usd: number | null;
  unpriced_tokens: number;
};

export type Conversation = { calls: ConversationCall[]; tools: ToolCost[]; complete: boolean };
