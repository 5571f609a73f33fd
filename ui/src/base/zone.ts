// The time zone that times are shown in: the browser's, unless another one was chosen in this browser.
const setting = 'nightjar.zone';

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function isZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function saved(): string | null {
  const name = typeof localStorage === 'undefined' ? null : localStorage.getItem(setting);
  return name !== null && isZone(name) ? name : null;
}

let chosen = saved();

// null: the browser's.
export const chosenZone = (): string | null => chosen;

export function chooseZone(name: string | null): void {
  chosen = name;
  if (name === null) localStorage.removeItem(setting);
  else localStorage.setItem(setting, name);
}

export const shownZone = (): string => chosen ?? browserZone();
