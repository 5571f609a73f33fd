import { printJson } from '../../../api/json';
import { type Annotation, type LogRecord, logTimeOf } from '../../../api/types';
import { formatDuration, unknown } from '../../../base/format';
import { formatInstant } from '../../../base/time';
import { ValueText } from '../../../panels/transcript/ValueText';
import { LongText } from '../../../widgets/LongText';
import { AttributeTable } from './AttributeTable';
import styles from './detail.module.css';

// OTLP's numbers: 13 and up is WARN, 17 and up ERROR.
export const severityClass = (severity: number): string | undefined =>
  severity >= 17 ? styles.severe : severity >= 13 ? styles.warning : undefined;

export function Logs({ logs, startUnixNs }: { logs: readonly LogRecord[]; startUnixNs: string }) {
  return (
    <div className={styles.sections}>
      {logs.map((log, index) => (
        <section key={index}>
          <header className={styles.sectionHead}>
            <h3 className={`${styles.sectionTitle} ${severityClass(log.severity_number)}`}>
              {log.severity_text || (log.event_name ?? 'log')}
            </h3>
            {log.event_name && log.severity_text && <span className={styles.note}>{log.event_name}</span>}
            <LogTime at={logTimeOf(log)} startUnixNs={startUnixNs} />
          </header>
          {log.body !== null && <ValueText value={log.body} mono={typeof log.body !== 'string'} />}
          {Object.keys(log.attributes).length > 0 && (
            <AttributeTable attributes={log.attributes} what="log attributes" />
          )}
        </section>
      ))}
    </div>
  );
}

function LogTime({ at, startUnixNs }: { at: string | null; startUnixNs: string }) {
  if (at === null) return <span className={styles.note}>without a time</span>;
  return (
    <span className={styles.note} title={formatInstant(at)}>
      +{formatDuration(Number(BigInt(at) - BigInt(startUnixNs)))}
    </span>
  );
}

export const logText = ({ body }: LogRecord): string => (typeof body === 'string' ? body : printJson(body, 0));

export function Evaluations({ annotations }: { annotations: readonly Annotation[] }) {
  return (
    <div className={styles.sections}>
      {annotations.map((annotation, index) => (
        <section key={index}>
          <header className={styles.sectionHead}>
            <h3 className={styles.sectionTitle}>{annotation.name ?? '(unnamed)'}</h3>
            <strong>
              {[annotation.label, annotation.score].filter((known) => known !== null).join(' ') || unknown}
            </strong>
            <span className={styles.note}>
              of the {annotation.target}, sent as {annotation.source}
            </span>
          </header>
          {annotation.explanation && <LongText text={annotation.explanation} />}
        </section>
      ))}
    </div>
  );
}
