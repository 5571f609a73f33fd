// How tall a row is and where its bar lies: beside the name, or below it where there is no room for both. The style sheet
// has the same heights and the same width.
export type RowShape = { px: number; barMiddle: number; isStacked: boolean };

const beside: RowShape = { px: 24, barMiddle: 12, isStacked: false };
const stacked: RowShape = { px: 38, barMiddle: 28, isStacked: true };

export const narrow = (): MediaQueryList => matchMedia('(max-width: 720px)');
export const shapeOf = ({ matches }: MediaQueryList): RowShape => (matches ? stacked : beside);
