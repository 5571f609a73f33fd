import { useEffect } from 'react';

const product = 'Nightjar';

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - ${product}`;
    return () => {
      document.title = product;
    };
  }, [title]);
}
