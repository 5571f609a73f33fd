import { downloadPath } from '../../../api/cut_texts';
import { printJson } from '../../../api/json';
import type { Span } from '../../../api/types';
import { formatBytes, plural } from '../../../base/format';
import styles from './detail.module.css';
import JsonViewer from './JsonViewer';

// The span as the API has it, with long texts as far as they are here.
export default function SpanJson({ span }: { span: Span }) {
  const { cut = [], ...whole } = span;
  return (
    <div className={styles.json}>
      {cut.length > 0 && (
        <details className={styles.cuts}>
          <summary>{plural(cut.length, 'long text')} cut here</summary>
          <ul>
            {cut.map(({ path, bytes }) => (
              <li key={path}>
                <code>{path}</code> <span>{formatBytes(bytes)}</span>{' '}
                <a href={downloadPath(span, path)} download>
                  Download
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className={styles.jsonText}>
        <JsonViewer text={printJson(whole)} />
      </div>
    </div>
  );
}
