import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { pathOf } from '../../../api/client';
import { spanQuery } from '../../../api/trace_queries';
import type { TraceRow } from '../../../api/types';
import { formatCount } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import { Popup } from '../../../widgets/Popup';
import type { SpanTree } from '../model/span_tree';
import styles from './export.module.css';

const files = [
  ['otlp_json', 'OTLP/JSON', 'as sent, for any backend'],
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

// Those that this page makes.
const made = [
  ['html', 'HTML', 'to send; opens without a server'],
  ['md', 'Markdown', 'for a bug report: what failed'],
  ['perfetto.json', 'Perfetto', 'trace events, by time'],
] as const;
type Made = (typeof made)[number][0];

// A file that is being made, how far it is, and why it was not.
type Making = { done: number; stop: AbortController } | { failure: string; of: Made } | null;

type ExportMenuProps = { trace: TraceRow; tree: SpanTree; selectedRow: number };

export function ExportMenu({ trace, tree, selectedRow }: ExportMenuProps) {
  const { project, trace_id: id } = trace;
  const client = useQueryClient();
  const [making, setMaking] = useState<Making>(null);
  const fileOf = async (of: Made, stop: AbortController): Promise<Blob> => {
    if (of === 'html') {
      const { traceFile } = await import('./save_html');
      return traceFile(trace, tree, { onSpans: (done) => setMaking({ done, stop }), signal: stop.signal });
    }
    const { markdownFile, perfettoFile } = await import('./save_text');
    if (of === 'perfetto.json') return perfettoFile(trace, tree);
    return markdownFile(trace, tree, {
      selectedRow,
      readSpan: (spanId) => client.fetchQuery(spanQuery(project, id, spanId)),
    });
  };
  const save = async (of: Made) => {
    const stop = new AbortController();
    setMaking({ done: 0, stop });
    try {
      download(`trace-${id}.${of}`, await fileOf(of, stop));
      setMaking(null);
    } catch (error) {
      setMaking(stop.signal.aborted ? null : { failure: error instanceof Error ? error.message : String(error), of });
    }
  };
  return (
    <>
      <Making making={making} rows={tree.rows} retry={(of) => void save(of)} />
      <Popup label="Save this trace as a file" word="Export" icon="down">
        {(close) => (
          <ul className={styles.files}>
            {made.map(([of, label, why]) => (
              <li key={of}>
                <button
                  type="button"
                  className={styles.file}
                  disabled={making !== null && 'done' in making}
                  onClick={() => {
                    close();
                    void save(of);
                  }}
                >
                  {label}
                  <span>{why}</span>
                </button>
              </li>
            ))}
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

function Making({ making, rows, retry }: { making: Making; rows: number; retry: (of: Made) => void }) {
  if (!making) return null;
  if ('failure' in making) {
    return (
      <p role="alert" className={styles.making}>
        Not exported: {making.failure} <Button onClick={() => retry(making.of)}>Try again</Button>
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
