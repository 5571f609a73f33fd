// Line icons on a 16 px grid, drawn for this program.
const paths = {
  traces: 'M2 3.5h9M5 8h9M8 12.5h5',
  live: 'M4.500 11.500a5 5 0 0 1 0-7M11.500 4.500a5 5 0 0 1 0 7M2.300 13.700a8 8 0 0 1 0-11.400M13.700 2.300a8 8 0 0 1 0 11.400M8 7.900v.2',
  welcome: 'M8 1.8 14 6.5V14H2V6.5zM6.3 14V9.5h3.4V14',
  home: 'M2 13.5V7.6M6 13.5V3.5M10 13.5V9M14 13.5V5.5',
  sessions: 'M2 2.5h9v6H5.5L2 11zM11 6h3v8l-3-2.5H7.5V10',
  users: 'M8 2a2.8 2.8 0 1 1 0 5.6A2.8 2.8 0 0 1 8 2zM2.5 14c.4-2.8 2.6-4.2 5.5-4.2s5.1 1.4 5.5 4.2',
  cost: 'M11.2 4.6C10.600 3.500 9.500 3 8 3 6.200 3 4.900 3.900 4.900 5.400 4.900 8.800 11.300 7.100 11.300 10.600 11.300 12.100 9.900 13 8 13c-1.700 0-2.900-.6-3.500-1.800M8 1.300v13.400',
  errors: 'M8 2 14.500 13.500h-13zM8 6.500v3.200M8 11.500v.1',
  pin: 'M3 2.500h10v11l-5-3.500-5 3.500z',
  columns: 'M2 3h12v10H2zM6.200 3v10M10 3v10',
  compare: 'M6 2.500 2.500 6 6 9.500M2.500 6H11M10 6.500l3.500 3.500-3.500 3.500M13.500 10H5',
  trash: 'M2.500 4.500h11M6 4.500V2.500h4v2M4 4.500l.6 9h6.800l.6-9',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.4 10.4 14 14',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  cross: 'm4 4 8 8M12 4l-8 8',
  refresh: 'M13.2 8A5.2 5.2 0 1 1 11.5 4.2M13.3 1.8v3.4H9.9',
  system: 'M2 3h12v8H2zM5.5 13.7h5',
  light:
    'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1',
  dark: 'M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z',
  settings: 'M2 4.5h7M12 4.5h2M9 2.8v3.4h3V2.8zM2 11.5h2M7 11.5h7M4 9.8v3.4h3V9.8z',
  help: 'M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.8.4-1.1.9-1.1 1.7M8 12.2v.1M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z',
  up: 'm4 10 4-4 4 4',
  down: 'm4 6 4 4 4-4',
  right: 'm6 4 4 4-4 4',
  image: 'M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.5 6v.1',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.9-.9',
  fit: 'M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
