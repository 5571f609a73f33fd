// The recorded program of tests/corpora/seed: what was sent, and by hand from truth.json, what the page must show.
import { readFileSync } from 'node:fs';
import { postRequest } from './otlp.mjs';

const body = readFileSync(new URL('../../tests/corpora/seed/000.bin', import.meta.url));

export const traceId = '932dc062b37c427ae027547955ae7031';
export const spanIds = {
  agent: 'a398d6accae702d1',
  firstChat: '7eba8736db007f7b',
  searchDocs: '7d04c8e4b2236823',
  retrieval: 'c25d758af00bf802',
  secondChat: 'c469f23a7b4efa58',
  lastChat: 'ad03b3c40db9eac5',
};

export const rows = [
  { level: 1, heard: 'agent.run agent, 772ms' },
  { level: 2, heard: 'llm.chat llm, 197ms 209 tok' },
  { level: 2, heard: 'tool.search_docs tool, 114ms' },
  { level: 3, heard: 'retrieval retriever, 63.2ms 3 docs' },
  { level: 2, heard: 'llm.chat llm, 179ms 363 tok' },
  { level: 2, heard: 'tool.fetch_chunk tool, 50.3ms' },
  { level: 2, heard: 'llm.chat llm, 231ms 494 tok' },
];

export const postSeed = (url) => postRequest(url, body);
