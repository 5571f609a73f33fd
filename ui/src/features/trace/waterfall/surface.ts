// A canvas in CSS pixels: sized to its box and to the screen's density.
export type Surface = { context: CanvasRenderingContext2D; width: number; height: number };

export function prepareSurface(canvas: HTMLCanvasElement, width: number, height: number): Surface {
  const density = devicePixelRatio;
  const [pixelsWide, pixelsHigh] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== pixelsWide || canvas.height !== pixelsHigh) {
    canvas.width = pixelsWide;
    canvas.height = pixelsHigh;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser gives no 2d canvas');
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
