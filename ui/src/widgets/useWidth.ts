import { type RefCallback, useCallback, useState } from 'react';

// How wide an element is: known before its first frame is drawn, and again when that changes.
export function useWidth(): [RefCallback<HTMLElement>, number] {
  const [px, setPx] = useState(0);
  const measure = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    const look = () => setPx(element.clientWidth);
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  return [measure, px];
}
