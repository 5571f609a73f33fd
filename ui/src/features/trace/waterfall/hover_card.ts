// What a row says when the pointer rests on it, the moment under the pointer in the ruler, and which rows are around it.
import { formatDuration, formatTokens, formatUsd } from '../../../base/format';
import { nameOf, type SpanTree, selfNs } from '../model/span_tree';
import styles from './waterfall.module.css';

const restMs = 300;
const besidePx = 14;

function factsOf(tree: SpanTree, row: number): string {
  const lasted = (tree.end[row] ?? 0) - (tree.start[row] ?? 0);
  const [cost, tokens] = [tree.cost[row] ?? Number.NaN, tree.tokens[row] ?? Number.NaN];
  const facts = [
    `${formatDuration(lasted)}, ${((lasted / Math.max(tree.totalNs, 1)) * 100).toPrecision(2)} % of the trace`,
    `self ${formatDuration(selfNs(tree, row))}`,
    `starts at +${formatDuration(tree.start[row] ?? 0)}`,
  ];
  if (!Number.isNaN(tokens)) facts.push(`${formatTokens(tokens)} tokens`);
  if (!Number.isNaN(cost)) facts.push(formatUsd(cost));
  return facts.join('\n');
}

export class HoverCard {
  private timer = 0;
  private row = -1;
  private readonly card = document.createElement('div');
  private readonly name = document.createElement('strong');
  private readonly facts = document.createElement('span');

  // `host`: where it may be placed, `moment`: in the ruler's lane. What it says the row itself says to those who hear it.
  constructor(
    private readonly host: HTMLElement,
    private readonly moment: HTMLElement,
  ) {
    this.card.className = styles.card ?? '';
    this.card.setAttribute('aria-hidden', 'true');
    this.card.hidden = true;
    this.card.append(this.name, this.facts);
    host.append(this.card);
  }

  // Returns whether it is another row than before.
  over(tree: SpanTree, row: number, { clientX, clientY }: PointerEvent): boolean {
    if (row === this.row) {
      if (!this.card.hidden) this.place(clientX, clientY);
      return false;
    }
    this.leave();
    this.row = row;
    if (row < 0) return true;
    this.timer = window.setTimeout(() => {
      this.name.textContent = nameOf(tree, row) || '(no name)';
      this.facts.textContent = factsOf(tree, row);
      this.card.hidden = false;
      this.place(clientX, clientY);
    }, restMs);
    return true;
  }

  leave(): void {
    clearTimeout(this.timer);
    this.row = -1;
    this.card.hidden = true;
  }

  // `px` from the lane's left edge; null: the pointer is elsewhere.
  showMoment(px: number | null, ns: number): void {
    this.moment.hidden = px === null;
    if (px === null) return;
    this.moment.textContent = formatDuration(Math.max(0, ns));
    this.moment.style.transform = `translateX(${Math.round(px)}px)`;
  }

  private place(clientX: number, clientY: number): void {
    const box = this.host.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.card;
    const left = Math.min(clientX - box.left + besidePx, box.width - offsetWidth - 4);
    const below = clientY - box.top + besidePx;
    const top = below + offsetHeight > box.height ? clientY - box.top - besidePx - offsetHeight : below;
    this.card.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, top)}px)`;
  }
}
