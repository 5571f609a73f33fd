import { useMemo, useState } from 'react';
import type { Message } from '../../../api/types';
import { plural } from '../../../base/format';
import { LongText } from '../../../widgets/LongText';
import { messageText } from '../changes';
import fold from '../fold.module.css';
import { alignMessages, type MessagePair } from '../messages';
import styles from './detail.module.css';
import { DiffText } from './TextDiff';

// Runs of messages that are the same are folded.
type Block = { same: MessagePair[] } | { pair: MessagePair };

function blocksOf(pairs: readonly MessagePair[]): Block[] {
  const blocks: Block[] = [];
  for (const pair of pairs) {
    const last = blocks.at(-1);
    if (!pair.isSame) blocks.push({ pair });
    else if (last && 'same' in last) last.same.push(pair);
    else blocks.push({ same: [pair] });
  }
  return blocks;
}

export function PromptDiff({ title, a, b }: { title: string; a: readonly Message[]; b: readonly Message[] }) {
  const pairs = useMemo(() => alignMessages(a, b), [a, b]);
  if (pairs.length === 0) return null;
  const changed = pairs.filter(({ isSame }) => !isSame).length;
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={styles.sectionTitle}>
        {title}
        <span className={styles.note}>
          {changed === 0 ? 'the same in both' : `${plural(changed, 'message')} of ${pairs.length} differ`}
        </span>
      </h3>
      {blocksOf(pairs).map((block, index) =>
        'same' in block ? <SameMessages key={index} pairs={block.same} /> : <Pair key={index} pair={block.pair} />,
      )}
    </section>
  );
}

function SameMessages({ pairs }: { pairs: readonly MessagePair[] }) {
  const [open, setOpen] = useState(false);
  if (open) return pairs.map((pair, index) => <Pair key={index} pair={pair} />);
  return (
    <button type="button" className={fold.fold} onClick={() => setOpen(true)}>
      {plural(pairs.length, 'message')} the same
    </button>
  );
}

function Pair({ pair: { a, b, isSame } }: { pair: MessagePair }) {
  const role = (b ?? a)?.role ?? 'message';
  const [before, after] = [a ? messageText(a) : '', b ? messageText(b) : ''];
  return (
    <article className={styles.message}>
      <header className={styles.role}>
        {role}
        <span className={styles.note}>{isSame ? '' : !a ? 'only in B' : !b ? 'only in A' : ''}</span>
      </header>
      {isSame ? (
        <LongText text={after} />
      ) : a && b ? (
        <DiffText a={before} b={after} />
      ) : (
        <Whole text={a ? before : after} side={a ? 'A' : 'B'} />
      )}
    </article>
  );
}

function Whole({ text, side }: { text: string; side: 'A' | 'B' }) {
  const body = text === '' ? <span className={styles.note}>no content</span> : <LongText text={text} />;
  return side === 'A' ? <del className={styles.whole}>{body}</del> : <ins className={styles.whole}>{body}</ins>;
}
