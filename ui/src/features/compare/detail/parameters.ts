// The model and the parameters of two calls, by name: those that differ first.
import { printJson } from '../../../api/json';
import type { Json, Span } from '../../../api/types';

export type ParameterRow = { name: string; a: Json | undefined; b: Json | undefined; isSame: boolean };

function given(span: Span | null): Map<string, Json> {
  const values = new Map<string, Json>();
  const llm = span?.llm;
  if (llm?.model) values.set('model', llm.model);
  if (llm?.provider) values.set('provider', llm.provider);
  const parameters = llm?.invocation_parameters;
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) {
    for (const [name, value] of Object.entries(parameters)) if (name !== 'model') values.set(name, value);
  }
  return values;
}

export function parametersOf(a: Span | null, b: Span | null): ParameterRow[] {
  const [before, after] = [given(a), given(b)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const rows = names.map((name) => ({
    name,
    a: before.get(name),
    b: after.get(name),
    isSame: printJson(before.get(name)) === printJson(after.get(name)),
  }));
  return [...rows.filter(({ isSame }) => !isSame), ...rows.filter(({ isSame }) => isSame)];
}
