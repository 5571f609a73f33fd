import { useQuery } from '@tanstack/react-query';
import { licencesQuery } from '../../api/settings_queries';
import { plural } from '../../base/format';
import { Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';
import { Asked } from './Asked';
import { noticesOf, type Part, partsOf } from './licences';
import styles from './settings.module.css';

const columns: Column<Part>[] = [
  { label: 'Software', cell: ({ what }) => what },
  { label: 'Licence', cell: ({ licence }) => licence },
  { label: 'What for', cell: ({ how }) => how, drop: 'small' },
];

export function Licences() {
  const query = useQuery(licencesQuery);
  return (
    <>
      <p className={styles.lead}>
        Nightjar is licensed under Apache-2.0. It stands on the work of others, all of it under permissive licences.
      </p>
      <Asked query={query} what="licences">
        {({ packages, program }) => (
          <>
            {partsOf(program).map(({ title, parts }) => (
              <Section key={title} title={title}>
                <Table label={title} columns={columns} rows={parts} keyOf={({ what }) => what} />
              </Section>
            ))}
            <Notices text={packages} />
          </>
        )}
      </Asked>
    </>
  );
}

function Notices({ text }: { text: string }) {
  const notices = noticesOf(text);
  return (
    <Section title="Packages of this page" note={`${plural(notices.length, 'package')}, with their licences in full`}>
      <ul className={styles.notices}>
        {notices.map((notice) => (
          <li key={notice.name}>
            <details>
              <summary>
                {notice.name} <span className={styles.hint}>{notice.licence}</span>
              </summary>
              <pre className={styles.notice}>{notice.text}</pre>
            </details>
          </li>
        ))}
      </ul>
    </Section>
  );
}
