// The one thing about the server that every page must say, or nothing. What costs data goes before what costs time.
import type { Status } from '../api/types';

export type BannerText = { tone: 'loud' | 'error' | 'warn'; text: string };

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

export function bannerOf(reachable: boolean, status: Status | undefined, host: string): BannerText | null {
  if (!reachable) {
    return {
      tone: 'error',
      text: `No answer from ${host}. What you see is the last answer; asking again.`,
    };
  }
  if (!status) return null;
  const failure = sentence(status.journal.failure ?? 'the reason is not known');
  switch (status.journal.state) {
    case 'read_only':
      return {
        tone: 'loud',
        text: `Nothing is received: ingest is read-only until the server is restarted. ${failure}`,
      };
    case 'refusing':
      return { tone: 'loud', text: `Nothing is received for now; senders are told to try again. ${failure}` };
    case 'ready':
      break;
  }
  if (status.engine.state === 'ready') return null;
  return { tone: 'warn', text: 'The storage engine is restarting. Spans are still taken in; reading waits for it.' };
}
