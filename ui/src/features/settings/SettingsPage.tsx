import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { usePageTitle } from '../../base/page_title';
import { type SectionId, sections } from '../../base/settings_sections';
import { Page } from '../../widgets/Page';
import { Appearance } from './Appearance';
import { IngestHealthSection } from './IngestHealth';
import { Licences } from './Licences';
import { Prices } from './Prices';
import { Projects } from './Projects';
import { Storage } from './Storage';
import styles from './settings.module.css';

const bodies: Record<SectionId, ComponentType<{ project: string }>> = {
  projects: Projects,
  prices: Prices,
  ingest: IngestHealthSection,
  storage: Storage,
  appearance: Appearance,
  licences: Licences,
};

export function SettingsPage({ project, section }: { project: string; section: SectionId }) {
  const label = sections.find(([id]) => id === section)?.[1] ?? '';
  usePageTitle(`${label}, settings`);
  const Body = bodies[section];
  return (
    <div className={styles.page}>
      <nav className={styles.sections} aria-label="Settings">
        <ul>
          {sections.map(([id, name]) => (
            <li key={id}>
              <Link
                to="/p/$project/settings/$section"
                params={{ project, section: id }}
                className={styles.link}
                activeProps={{ className: styles.active ?? '' }}
              >
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Page title={label}>
        <Body project={project} />
      </Page>
    </div>
  );
}
