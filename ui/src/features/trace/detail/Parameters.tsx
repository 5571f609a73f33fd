import type { Attributes, Json, Llm } from '../../../api/types';
import { formatDuration } from '../../../base/format';
import { ValueText } from '../../../panels/transcript/ValueText';
import { AttributeTable } from './AttributeTable';
import styles from './detail.module.css';

const isObject = (value: Json): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// What the model was asked with, beside the messages, and how it answered.
export function Parameters({ llm }: { llm: Llm }) {
  const { invocation_parameters: parameters, prompt_template: template } = llm;
  const answered: Record<string, Json> = {
    'asked for model': llm.request_model,
    'answered by model': llm.response_model ?? llm.model,
    provider: llm.provider,
    operation: llm.operation,
    'service tier': llm.service_tier,
    'finish reasons': llm.finish_reasons.join(', '),
    'time to first token': llm.time_to_first_token_ns === null ? null : formatDuration(llm.time_to_first_token_ns),
    'response id': llm.response_id,
  };
  const known = Object.fromEntries(Object.entries(answered).filter(([, value]) => value !== null && value !== ''));
  return (
    <>
      <h3 className={`${styles.sectionTitle} ${styles.tableTitle}`}>Call</h3>
      <AttributeTable attributes={known} what="facts" />
      {isObject(parameters) && Object.keys(parameters).length > 0 && (
        <>
          <h3 className={`${styles.sectionTitle} ${styles.tableTitle}`}>Parameters</h3>
          <AttributeTable attributes={parameters} what="parameters" />
        </>
      )}
      {template && (
        <div className={styles.sections}>
          <section>
            <h3 className={styles.sectionTitle}>
              Prompt template {template.name} {template.version}
            </h3>
            {template.template !== null && (
              <div className={styles.block}>
                <ValueText value={template.template} />
              </div>
            )}
            {template.variables !== null && <ValueText value={template.variables} mono />}
          </section>
        </div>
      )}
    </>
  );
}
