// The settings bound to their route. A chunk of its own.
import { getRouteApi } from '@tanstack/react-router';
import { isSection } from '../base/settings_sections';
import { SettingsPage } from '../features/settings/SettingsPage';

const route = getRouteApi('/p/$project/settings/$section');

export function SettingsRoute() {
  const { project, section } = route.useParams();
  return isSection(section) && <SettingsPage key={`${project} ${section}`} project={project} section={section} />;
}
