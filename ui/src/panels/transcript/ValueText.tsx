import { useContext } from 'react';
import { layOutJsonText, printJson } from '../../api/json';
import type { Json } from '../../api/types';
import { LongText } from '../../widgets/LongText';
import { Rests } from '../../widgets/rest';

type ValueTextProps = { value: Json; mono?: boolean; fold?: 'normal' | 'tight' };

// A string that holds JSON is indented; other values are printed as JSON.
export function ValueText({ value, mono = false, fold = 'normal' }: ValueTextProps) {
  const restOf = useContext(Rests);
  if (typeof value === 'string' && restOf(value)) return <LongText text={value} mono={mono} fold={fold} />;
  const json = typeof value === 'string' ? layOutJsonText(value) : printJson(value);
  if (json !== null) return <LongText text={json} mono language="json" fold={fold} />;
  return <LongText text={String(value)} mono={mono} fold={fold} />;
}
