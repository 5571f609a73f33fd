// A text of any length, by ranges: what is on screen is fetched and laid out, and nothing else. Loaded only when one is
// opened.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useLayoutEffect, useRef, useState } from 'react';
import { type Cut, downloadPath, findInText, rangeQuery, type SpanAddress, textBytes } from '../../api/cut_texts';
import { formatBytes } from '../../base/format';
import { utf16At } from '../../base/utf8';
import { Button } from '../../widgets/Button';
import { marked } from '../../widgets/marked';
import { TextInput } from '../../widgets/TextInput';
import styles from './long_value.module.css';

// Of a range that was not laid out yet; it is measured when it is.
const rangePx = 12_000;

// Where words were found: its byte. Another object each time, for the same place may have been scrolled away.
type Place = { byte: number };
const numberOf = (byte: number): number => Math.floor(byte / textBytes);

type LongValueProps = { span: SpanAddress; cut: Cut };

export default function LongValue({ span, cut }: LongValueProps) {
  const ranges = Math.max(1, Math.ceil(cut.bytes / textBytes));
  const [shown, setShown] = useState(1);
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Place | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: shown,
    getScrollElement: () => scroller.current,
    estimateSize: () => rangePx,
    overscan: 0,
  });
  const showPlace = (byte: number) => {
    setShown((before) => Math.max(before, numberOf(byte) + 1));
    setFound({ byte });
  };
  // The range itself brings the place in it into view.
  useLayoutEffect(() => {
    if (found && scroller.current)
      scroller.current.scrollTop = virtual.getOffsetForIndex(numberOf(found.byte), 'start')?.[0] ?? 0;
  }, [found, virtual]);
  const rest = cut.bytes - shown * textBytes;
  return (
    <div className={styles.value}>
      <div className={styles.tools}>
        <span className={styles.size}>
          {rest > 0
            ? `The first ${formatBytes(shown * textBytes)} of ${formatBytes(cut.bytes)}`
            : `All ${formatBytes(cut.bytes)}`}
        </span>
        {rest > 0 && (
          <>
            <Button onClick={() => setShown(shown + 1)}>Show {formatBytes(Math.min(rest, textBytes))} more</Button>
            <Button onClick={() => setShown(ranges)}>Show all</Button>
          </>
        )}
        <a className={styles.download} href={downloadPath(span, cut.path)} download>
          Download
        </a>
        <FindInValue
          span={span}
          cut={cut}
          words={words}
          onWords={(next) => {
            setWords(next);
            setFound(null);
          }}
          found={found}
          onFound={showPlace}
        />
      </div>
      <div ref={scroller} className={styles.box} tabIndex={0} role="region" aria-label="Long value">
        <div className={styles.ranges} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div
              key={index}
              ref={virtual.measureElement}
              data-index={index}
              className={styles.range}
              style={{ transform: `translateY(${start}px)` }}
            >
              <Range
                span={span}
                path={cut.path}
                number={index}
                words={words}
                found={found && numberOf(found.byte) === index ? found : null}
              />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

const patternOf = (words: string): RegExp | null =>
  words.trim() === '' ? null : new RegExp(words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');

type RangeProps = { span: SpanAddress; path: string; number: number; words: string; found: Place | null };

function Range({ span, path, number, words, found }: RangeProps) {
  const range = useQuery(rangeQuery(span, path, number));
  const host = useRef<HTMLDivElement>(null);
  const { data } = range;
  useLayoutEffect(() => {
    const pattern = patternOf(words);
    if (!found || !data || !pattern || !host.current) return;
    const at = utf16At(data.text, found.byte - data.offset);
    const before = [...data.text.matchAll(pattern)].filter(({ index }) => index < at).length;
    // What begins in this range and ends in the next one has no mark.
    const place = host.current.querySelectorAll('mark')[before];
    if (place) place.scrollIntoView({ block: 'center' });
    else host.current.scrollIntoView({ block: 'end' });
  }, [data, found, words]);
  if (range.error) {
    return (
      <p role="alert" className={styles.failure}>
        This part could not be loaded: {range.error.message}. <Button onClick={() => range.refetch()}>Try again</Button>
      </p>
    );
  }
  if (!data) return <p className={styles.waiting}>Loading…</p>;
  return (
    <div ref={host} dir="auto" className={styles.text}>
      {marked(data.text, patternOf(words))}
    </div>
  );
}

type FindProps = LongValueProps & {
  words: string;
  onWords: (words: string) => void;
  found: Place | null;
  onFound: (byte: number) => void;
};

function FindInValue({ span, cut, words, onWords, found, onFound }: FindProps) {
  const client = useQueryClient();
  const status = useId();
  const [said, setSaid] = useState('');
  const asked = useRef<AbortController>(null);
  const findNext = async () => {
    asked.current?.abort();
    if (words.trim() === '') return;
    const control = new AbortController();
    asked.current = control;
    setSaid('searching');
    const next = (from: number) => findInText(span, cut.path, { words, from }, control.signal);
    try {
      const at = found ? ((await next(found.byte + 1)) ?? (await next(0))) : await next(0);
      if (at !== null) await client.prefetchQuery(rangeQuery(span, cut.path, numberOf(at)));
      if (control.signal.aborted) return;
      setSaid(at === null ? 'not in this value' : `at ${formatBytes(at)}`);
      if (at !== null) onFound(at);
    } catch (error) {
      if (!control.signal.aborted) setSaid(`not searched: ${error instanceof Error ? error.message : error}`);
    }
  };
  return (
    <search className={styles.find}>
      <TextInput
        type="search"
        aria-label="Find in this value"
        aria-describedby={status}
        placeholder="Find in this value"
        className={styles.input}
        value={words}
        onChange={(event) => {
          onWords(event.target.value);
          setSaid('');
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          void findNext();
        }}
      />
      <Button onClick={() => void findNext()}>Next</Button>
      <span id={status} role="status" className={styles.said}>
        {said}
      </span>
    </search>
  );
}
