import { printJson } from '../../../api/json';
import type { Json, Span, ToolSchema } from '../../../api/types';
import { ValueText } from '../../../panels/transcript/ValueText';
import { CopyButton } from '../../../widgets/CopyButton';
import styles from './detail.module.css';

function Section({ title, value, note }: { title: string; value: Json; note?: string | null }) {
  const text = typeof value === 'string' ? value : printJson(value);
  return (
    <section>
      <header className={styles.sectionHead}>
        <h3 className={styles.sectionTitle}>{title}</h3>
        {note && <span className={styles.note}>{note}</span>}
        <CopyButton text={text} label={`Copy ${title.toLowerCase()}`} />
      </header>
      <div className={styles.block}>
        <ValueText value={value} />
      </div>
    </section>
  );
}

export function InputOutput({ span }: { span: Span }) {
  return (
    <div className={styles.sections}>
      {span.input && <Section title="Input" value={span.input.value} note={span.input.mime_type} />}
      {span.output && <Section title="Output" value={span.output.value} note={span.output.mime_type} />}
      {span.input && !span.output && !span.retrieval && <p className={styles.empty}>The span recorded no output.</p>}
    </div>
  );
}

export function Tools({ span }: { span: Span }) {
  return (
    <div className={styles.sections}>
      {span.tool?.description && <Section title="Description" value={span.tool.description} />}
      {span.tool && span.tool.arguments !== null && <Section title="Arguments" value={span.tool.arguments} />}
      {span.tool && span.tool.result !== null && <Section title="Result" value={span.tool.result} />}
      {span.llm?.tools.map((tool, index) => (
        <ToolSchemaView key={index} tool={tool} />
      ))}
    </div>
  );
}

function ToolSchemaView({ tool }: { tool: ToolSchema }) {
  return (
    <section>
      <h3 className={styles.sectionTitle}>{tool.name ?? '(unnamed tool)'}</h3>
      {tool.description && <p className={styles.description}>{tool.description}</p>}
      <div className={styles.block}>
        <ValueText value={tool.parameters} mono />
      </div>
    </section>
  );
}

export function Texts({ texts }: { texts: readonly string[] }) {
  return (
    <div className={styles.sections}>
      {texts.map((text, index) => (
        <Section key={index} title={`Text ${index + 1}`} value={text} />
      ))}
    </div>
  );
}
