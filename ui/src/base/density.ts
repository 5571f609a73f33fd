// How high the rows of lists are. Written to <html data-density>, which tokens.css turns into heights.
export type Density = 'roomy' | 'compact';

const setting = 'nightjar.density';

export const density = (): Density => (localStorage.getItem(setting) === 'compact' ? 'compact' : 'roomy');

export function applyDensity(): void {
  document.documentElement.dataset.density = density();
}

export function setDensity(next: Density): void {
  localStorage.setItem(setting, next);
  applyDensity();
}

const rowPx: Record<Density, number> = { roomy: 36, compact: 28 };

export const listRowPx = (): number => rowPx[density()];
