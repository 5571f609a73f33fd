// A server that was upgraded serves another UI than the one on screen. After a restart, which shows as an uptime that
// goes down, the start page is asked for the script that it would load now.
import { useEffect, useRef, useState } from 'react';
import type { Status } from '../api/types';

const entryScript = /\/assets\/index-[\w-]+\.js/;

// null: the page names none, as under the development server.
export const entryScriptOf = (html: string): string | null => entryScript.exec(html)?.[0] ?? null;

// REQUIRES: `before` and `now` are of the same server's address
export const hasRestarted = (before: Status | undefined, now: Status | undefined): boolean =>
  before !== undefined && now !== undefined && now.uptime_s < before.uptime_s;

async function isOtherUi(): Promise<boolean> {
  const own = entryScriptOf(document.head.innerHTML);
  const response = await fetch('/', { headers: { accept: 'text/html' } });
  const theirs = response.ok ? entryScriptOf(await response.text()) : null;
  return own !== null && theirs !== null && own !== theirs;
}

export function useUpgraded(status: Status | undefined): boolean {
  const before = useRef(status);
  const [upgraded, setUpgraded] = useState(false);
  useEffect(() => {
    const restarted = hasRestarted(before.current, status);
    before.current = status ?? before.current;
    if (!restarted) return;
    // No answer is the other banner's matter, and the next status asks again only after another restart.
    isOtherUi().then(setUpgraded, () => setUpgraded(false));
  }, [status]);
  return upgraded;
}
