import { layOutJsonText, printJson } from '../../../api/json';
import type { Json } from '../../../api/types';
import { LongText } from '../../../widgets/LongText';

// A string that holds JSON is indented; other values are printed as JSON.
export function ValueText({ value, mono = false }: { value: Json; mono?: boolean }) {
  if (typeof value !== 'string') return <LongText text={printJson(value)} mono language="json" />;
  const indented = layOutJsonText(value);
  return indented === null ? <LongText text={value} mono={mono} /> : <LongText text={indented} mono language="json" />;
}
