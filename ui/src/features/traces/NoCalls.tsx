import { Link } from '@tanstack/react-router';
import { Notice } from '../../widgets/Notice';

// Spans may have arrived, but none that is understood as a call of a model.
export function NoCalls({ project }: { project: string }) {
  return (
    <Notice
      title={`No LLM calls in project ${project}`}
      action={
        <>
          <Link to="/p/$project/traces" params={{ project }} search={{ of: 'spans' }}>
            Show all spans
          </Link>
          <Link to="/p/$project/settings/$section" params={{ project, section: 'ingest' }}>
            What the spans lack
          </Link>
        </>
      }
    >
      <p>
        A span is a call of a model when its instrumentation says so: <code>openinference.span.kind</code> is{' '}
        <code>LLM</code>, or <code>gen_ai.operation.name</code> is <code>chat</code>.
      </p>
    </Notice>
  );
}
