import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { useRef } from 'react';
import { useReachable } from '../api/connection';
import { projectsQuery, statusQuery } from '../api/queries';
import type { Status } from '../api/types';
import { copyText } from '../base/clipboard';
import { formatBytes, plural } from '../base/format';
import { useKeyHint, useKeys } from '../base/keys';
import { cycleTheme, useTheme } from '../base/theme';
import { Omnibox } from '../features/omnibox/Omnibox';
import { Announcer, announce } from '../widgets/Announcer';
import { Button, IconButton } from '../widgets/Button';
import { Icon } from '../widgets/Icon';
import { bannerOf } from './banner';
import { Help } from './Help';
import styles from './shell.module.css';
import { useUpgraded } from './upgrade';

const statusEveryMs = 10_000;
const everywhere = 'Everywhere';
const themeHelp = 'theme: system, light, dark';
const helpHelp = 'this card';

const pages = [
  { to: '/p/$project', icon: 'home', label: 'Home', key: 'g h' },
  { to: '/p/$project/traces', icon: 'traces', label: 'Traces', key: 'g t' },
  { to: '/p/$project/live', icon: 'live', label: 'Live', key: 'g l' },
  { to: '/p/$project/sessions', icon: 'sessions', label: 'Sessions', key: 'g s' },
  { to: '/p/$project/users', icon: 'users', label: 'Users', key: 'g u' },
  { to: '/p/$project/cost', icon: 'cost', label: 'Cost', key: 'g c' },
  { to: '/p/$project/errors', icon: 'errors', label: 'Errors', key: 'g e' },
] as const;

async function copyLink() {
  announce((await copyText(location.href)) ? 'Copied the link to this view' : 'The browser refused to copy');
}

export function Shell() {
  const help = useRef<HTMLDialogElement>(null);
  const navigate = useNavigate();
  const theme = useTheme();
  const project = useProject();
  const { section } = useParams({ strict: false });
  const { data: status } = useQuery(statusQuery(statusEveryMs));
  const themeHint = useKeyHint(everywhere, themeHelp, 't');
  const helpHint = useKeyHint(everywhere, helpHelp, '?');
  const showHelp = () => help.current?.showModal();

  useKeys(everywhere, [
    ...pages.map(({ to, key, label }) => ({
      keys: [key],
      help: label.toLowerCase(),
      run: () => navigate({ to, params: { project } }),
    })),
    {
      keys: ['g ,'],
      help: 'settings',
      run: () => navigate({ to: '/p/$project/settings/$section', params: { project, section: 'projects' } }),
    },
    { keys: ['g w'], help: 'welcome', run: () => navigate({ to: '/welcome' }) },
    { keys: ['y l'], help: 'copy the link to this view', run: copyLink },
    { keys: ['t'], help: themeHelp, run: cycleTheme },
    { keys: ['?'], help: helpHelp, run: showHelp },
  ]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <nav className={styles.side} aria-label="Pages">
        <Link to="/" className={styles.brand} aria-label="Nightjar, start page">
          <img src="/favicon.svg" alt="" width="18" height="18" />
          <span className={styles.label}>Nightjar</span>
        </Link>
        <ProjectSwitch project={project} />
        {pages.map(({ to, icon, label }) => (
          <Link
            key={to}
            to={to}
            params={{ project }}
            className={styles.item}
            activeOptions={{ exact: to === '/p/$project', includeSearch: false }}
            activeProps={{ className: styles.active ?? '' }}
          >
            <Icon name={icon} />
            <span className={styles.label}>{label}</span>
          </Link>
        ))}
        <Link to="/welcome" className={styles.item} activeProps={{ className: styles.active ?? '' }}>
          <Icon name="welcome" />
          <span className={styles.label}>Welcome</span>
        </Link>
        <div className={styles.foot}>
          <Link
            to="/p/$project/settings/$section"
            params={{ project, section: 'projects' }}
            className={`${styles.item} ${section ? styles.active : ''}`}
          >
            <Icon name="settings" />
            <span className={styles.label}>Settings</span>
          </Link>
          {status && <ServerState status={status} />}
        </div>
      </nav>
      <header className={styles.top}>
        <Omnibox project={project} />
        <span className={styles.spacer} />
        <IconButton icon={theme} label={`Theme: ${theme}${themeHint}`} onClick={cycleTheme} />
        <IconButton icon="help" label={`Keyboard shortcuts${helpHint}`} onClick={showHelp} />
      </header>
      <Banner status={status} />
      <main id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Help dialog={help} />
      <Announcer />
    </div>
  );
}

// Pages without a project keep the one looked at last.
function useProject(): string {
  const { project } = useParams({ strict: false });
  const last = useRef('default');
  if (project !== undefined) last.current = project;
  return last.current;
}

function ProjectSwitch({ project }: { project: string }) {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [, , , page, section] = pathname.split('/');
  const { data: projects = [] } = useQuery(projectsQuery);
  const names = projects.map((known) => known.name);
  if (!names.includes(project)) names.push(project);
  return (
    <select
      className={styles.project}
      aria-label="Project"
      value={project}
      onChange={(event) => {
        const chosen = { project: event.target.value };
        if (page === 'settings' && section) {
          navigate({ to: '/p/$project/settings/$section', params: { ...chosen, section } });
        } else {
          navigate({
            to: pages.find(({ to }) => page && to.endsWith(`/${page}`))?.to ?? '/p/$project',
            params: chosen,
          });
        }
      }}
    >
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

function ServerState({ status }: { status: Status }) {
  const reachable = useReachable();
  const word = !reachable ? 'No answer' : status.engine.state === 'ready' ? 'Ready' : 'Restarting';
  return (
    <p className={styles.state} title={`engine ${status.engine.version}, ${plural(status.engine.restarts, 'restart')}`}>
      <span className={word === 'Ready' ? styles.good : styles.bad} aria-hidden="true" />
      <span className={styles.label}>
        {word}, {formatBytes(status.storage_bytes)} stored
        <br />
        Nightjar {status.version}
      </span>
    </p>
  );
}

function Banner({ status }: { status: Status | undefined }) {
  const banner = bannerOf(useReachable(), status, location.host);
  const upgraded = useUpgraded(status);
  if (!banner && upgraded) {
    return (
      <div role="status" className={`${styles.banner} ${styles.warn}`}>
        The server was upgraded and has another version of this page.{' '}
        <Button onClick={() => location.reload()}>Load it</Button>
      </div>
    );
  }
  if (!banner) return null;
  return (
    <div role={banner.tone === 'warn' ? 'status' : 'alert'} className={`${styles.banner} ${styles[banner.tone]}`}>
      {banner.text}
    </div>
  );
}
