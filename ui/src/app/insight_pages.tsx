// Pages beside the lists, bound to their routes. A chunk of its own.
import { getRouteApi } from '@tanstack/react-router';
import { CostPage } from '../features/cost/CostPage';
import { ErrorsPage } from '../features/errors/ErrorsPage';
import { HomePage } from '../features/home/HomePage';
import { SessionPage } from '../features/sessions/SessionPage';
import { SessionsPage } from '../features/sessions/SessionsPage';
import { UserPage } from '../features/users/UserPage';
import { UsersPage } from '../features/users/UsersPage';

const homeRoute = getRouteApi('/p/$project/');
const sessionsRoute = getRouteApi('/p/$project/sessions');
const sessionRoute = getRouteApi('/p/$project/sessions/$sessionId');
const usersRoute = getRouteApi('/p/$project/users');
const userRoute = getRouteApi('/p/$project/users/$userId');
const costRoute = getRouteApi('/p/$project/cost');
const errorsRoute = getRouteApi('/p/$project/errors');

// What these pages show when the address says nothing.
const usualTime = '24h';
const inAddress = (t: string): string | undefined => (t === usualTime ? undefined : t);

export function HomeRoute() {
  const { project } = homeRoute.useParams();
  const { t = usualTime } = homeRoute.useSearch();
  const navigate = homeRoute.useNavigate();
  return (
    <HomePage
      project={project}
      t={t}
      onRange={(next) => navigate({ search: { t: inAddress(next) } })}
      onList={(range) => navigate({ to: '/p/$project/traces', params: { project }, search: { t: range } })}
    />
  );
}

export function SessionsRoute() {
  return <SessionsPage project={sessionsRoute.useParams().project} />;
}

export function SessionRoute() {
  const { project, sessionId } = sessionRoute.useParams();
  return <SessionPage key={sessionId} project={project} sessionId={sessionId} />;
}

export function UsersRoute() {
  return <UsersPage project={usersRoute.useParams().project} />;
}

export function UserRoute() {
  const { project, userId } = userRoute.useParams();
  return <UserPage key={userId} project={project} userId={userId} />;
}

export function CostRoute() {
  const { project } = costRoute.useParams();
  const { t = usualTime, by = 'model' } = costRoute.useSearch();
  const navigate = costRoute.useNavigate();
  return (
    <CostPage
      project={project}
      t={t}
      by={by}
      onShow={(change) => {
        const next = { t, by, ...change };
        navigate({ search: { t: inAddress(next.t), by: next.by === 'model' ? undefined : next.by } });
      }}
    />
  );
}

export function ErrorsRoute() {
  const { project } = errorsRoute.useParams();
  const { t = usualTime } = errorsRoute.useSearch();
  const navigate = errorsRoute.useNavigate();
  return <ErrorsPage project={project} t={t} onRange={(next) => navigate({ search: { t: inAddress(next) } })} />;
}
