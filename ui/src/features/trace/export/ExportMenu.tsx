import { pathOf } from '../../../api/client';
import { type OpenTrace, wholeSpansMax } from '../../../api/trace_queries';
import { formatCount } from '../../../base/format';
import { Popup } from '../../../widgets/Popup';
import type { SpanTree } from '../model/span_tree';
import styles from './export.module.css';

const files = [
  ['otlp_json', 'OTLP/JSON', 'as it was sent; any OpenTelemetry backend takes it'],
  ['jsonl', 'JSON lines', 'a span each, with what is derived'],
  ['csv', 'CSV', 'the same for a spreadsheet'],
  ['parquet', 'Parquet', 'the same for data tools'],
] as const;

function download(name: string, html: string): void {
  const address = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

const newNonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export function ExportMenu({ data: { trace, spans }, tree }: { data: OpenTrace; tree: SpanTree }) {
  const { project, trace_id: id, name } = trace;
  const save = async () => {
    const { traceHtml } = await import('./trace_html');
    download(`trace-${id}.html`, traceHtml(name, id, tree, newNonce()));
  };
  return (
    <Popup label="Save this trace as a file" word="Export" icon="down">
      {(close) => (
        <ul className={styles.files}>
          <li>
            <button
              type="button"
              className={styles.file}
              disabled={spans === null}
              onClick={() => {
                close();
                void save();
              }}
            >
              HTML
              <span>
                {spans === null
                  ? `up to ${formatCount(wholeSpansMax)} spans`
                  : 'one file to send to somebody; opens offline'}
              </span>
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
  );
}
