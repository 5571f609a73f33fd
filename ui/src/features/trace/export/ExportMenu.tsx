import { useState } from 'react';
import { pathOf } from '../../../api/client';
import type { TraceRow } from '../../../api/types';
import { formatCount } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import { Popup } from '../../../widgets/Popup';
import type { SpanTree } from '../model/span_tree';
import styles from './export.module.css';

const files = [
  ['otlp_json', 'OTLP/JSON', 'as it was sent; any OpenTelemetry backend takes it'],
  ['jsonl', 'JSON lines', 'a span each, with what is derived'],
  ['csv', 'CSV', 'the same for a spreadsheet'],
  ['parquet', 'Parquet', 'the same for data tools'],
] as const;

function download(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// A file that is being made, how far it is, and why it was not.
type Making = { done: number; stop: AbortController } | { failure: string } | null;

export function ExportMenu({ trace, tree }: { trace: TraceRow; tree: SpanTree }) {
  const { project, trace_id: id } = trace;
  const [making, setMaking] = useState<Making>(null);
  const save = async () => {
    const stop = new AbortController();
    setMaking({ done: 0, stop });
    try {
      const { traceFile } = await import('./save_html');
      const onSpans = (done: number) => setMaking({ done, stop });
      download(`trace-${id}.html`, await traceFile(trace, tree, { onSpans, signal: stop.signal }));
      setMaking(null);
    } catch (error) {
      setMaking(stop.signal.aborted ? null : { failure: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <>
      <Making making={making} rows={tree.rows} retry={() => void save()} />
      <Popup label="Save this trace as a file" word="Export" icon="down">
        {(close) => (
          <ul className={styles.files}>
            <li>
              <button
                type="button"
                className={styles.file}
                disabled={making !== null && 'done' in making}
                onClick={() => {
                  close();
                  void save();
                }}
              >
                HTML
                <span>one file to send to somebody; opens offline</span>
              </button>
            </li>
            {files.map(([format, label, why]) => (
              <li key={format}>
                <a
                  className={styles.file}
                  href={`${pathOf(project)}/traces/${id}/export?format=${format}`}
                  download
                  onClick={close}
                >
                  {label}
                  <span>{why}</span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </Popup>
    </>
  );
}

function Making({ making, rows, retry }: { making: Making; rows: number; retry: () => void }) {
  if (!making) return null;
  if ('failure' in making) {
    return (
      <p role="alert" className={styles.making}>
        Not exported: {making.failure} <Button onClick={retry}>Try again</Button>
      </p>
    );
  }
  return (
    <p className={styles.making}>
      Exporting {formatCount(Math.min(making.done, rows))} of {formatCount(rows)}{' '}
      <Button onClick={() => making.stop.abort()}>Stop</Button>
    </p>
  );
}
