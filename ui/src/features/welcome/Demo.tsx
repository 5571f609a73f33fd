import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { eraseProject } from '../../api/settings_queries';
import { Button } from '../../widgets/Button';
import styles from './welcome.module.css';

export const demoProject = 'nightjar-demo';
const demoSeed = 20_260_801;

type DemoProps = { loaded: boolean; onLoad: () => void };

// A project to look around in, for those who have nothing to send yet.
export function Demo({ loaded, onLoad }: DemoProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const load = useMutation({
    mutationFn: async () => {
      onLoad();
      const { sendDemo } = await import('./demo/send.mjs');
      await sendDemo('', demoProject, demoSeed);
    },
    onSuccess: () => navigate({ to: '/p/$project', params: { project: demoProject } }),
    networkMode: 'always',
  });
  const remove = useMutation({
    mutationFn: () => eraseProject(demoProject),
    onSuccess: () => client.invalidateQueries(),
    networkMode: 'always',
  });
  const failure = load.error ?? remove.error;
  return (
    <section className={styles.demo} aria-label="Demo project">
      <h2 className={styles.subtitle}>Nothing to send yet?</h2>
      <p>
        The demo project holds two days of a support agent: sessions, tools that fail, documents, costs, evaluations.
      </p>
      {loaded ? (
        <div className={styles.choices}>
          <Link to="/p/$project" params={{ project: demoProject }}>
            Open the demo project
          </Link>
          <Button disabled={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? 'Removing the demo' : 'Remove the demo project'}
          </Button>
        </div>
      ) : (
        <Button tone="primary" disabled={load.isPending} onClick={() => load.mutate()}>
          {load.isPending ? 'Loading the demo' : 'Load a demo project'}
        </Button>
      )}
      {failure && (
        <p role="alert" className={styles.failure}>
          {load.error ? 'Not loaded' : 'Not removed'}: {failure.message}
        </p>
      )}
    </section>
  );
}
