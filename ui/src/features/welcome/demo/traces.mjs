// Two days of a support agent's work, always the same but for the time it is sent at: sessions of several turns with
// retrieval, reranking, tools and cached prompts; tools that fail and are tried again; calls without a known price; what
// a judge and the users said of the answers. Plain JavaScript: the gallery and the end-to-end tests send it from Node.

const second = 1_000_000_000n;
const hour = 3600n * second;
const ms = (count) => BigInt(Math.round(count)) * 1_000_000n;

// Park and Miller's generator: the same numbers each time.
function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

// Set anew by makeTraces.
let random = numbersFrom(1);
const between = (low, high) => low + (high - low) * random();
const hex = (digits) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

const instructions =
  'You are the support agent of a shop for lamps. Answer in at most three sentences, name the article you used, and never promise a date that a tool did not return.';

const talks = [
  {
    user: 'ana@example.com',
    turns: [
      [
        'Where is my order 4471?',
        'order_status',
        { order: 4471 },
        '{"order": 4471, "state": "in transit", "carrier": "DHL", "eta": "2026-02-03"}',
        'Order **4471** is with DHL and should arrive on 3 February.',
      ],
      [
        'Can I still change the address?',
        'change_address',
        { order: 4471 },
        '{"allowed": false, "reason": "already handed to the carrier"}',
        'I am afraid not: the parcel is already with the carrier. You can redirect it with DHL:\n\n1. open the tracking page\n2. choose *another address*\n3. confirm by e-mail',
      ],
      [
        'And if nobody is at home?',
        null,
        null,
        null,
        'DHL tries again the next working day, then keeps the parcel for seven days at the nearest shop.',
      ],
    ],
  },
  {
    user: 'ben@example.com',
    turns: [
      [
        'The Aurora lamp flickers since yesterday.',
        'search_manual',
        { product: 'aurora', query: 'flicker' },
        '{"section": "5.2", "text": "Flicker after an update: hold the dimmer for ten seconds."}',
        'Please hold the dimmer for ten seconds; the manual calls this a reset (section 5.2).',
      ],
      [
        'Did that, it still flickers.',
        'open_return',
        { order: 4390, reason: 'flicker' },
        '{"return_id": "R-118", "label": "sent by e-mail"}',
        'Then it goes back: return **R-118** is open and the label is in your inbox.',
      ],
    ],
  },
  {
    user: 'chen@example.com',
    turns: [
      ['Do you ship to Norway?', null, null, null, 'Yes, from 89 euro without shipping costs; customs are included.'],
      ['How long does that take?', 'shipping_time', { country: 'NO' }, '{"days": [4, 6]}', 'Four to six working days.'],
      [
        'Which lamp has the warmest light?',
        'search_catalog',
        { sort: 'kelvin' },
        '{"items": [{"name": "Ember", "kelvin": 2200}, {"name": "Dune", "kelvin": 2400}]}',
        '**Ember**, with 2,200 kelvin. *Dune* follows with 2,400.',
      ],
      ['Is Ember in stock?', 'stock', { name: 'Ember' }, '{"stock": 14}', 'Yes, 14 pieces.'],
    ],
  },
  {
    user: 'dora@example.com',
    turns: [
      [
        'I was charged twice for order 4502.',
        'payments',
        { order: 4502 },
        '{"charges": [{"id": "ch_1", "eur": 129}, {"id": "ch_2", "eur": 129}]}',
        'You are right, there are two charges of 129 euro. I have asked for the second one to be returned.',
      ],
      ['When do I get the money back?', null, null, null, 'Banks need three to five working days.'],
    ],
  },
];

const articles = [
  [
    'kb-112',
    'Deliveries and carriers',
    'Parcels are handed to DHL on working days before 16:00. A parcel that is with the carrier can only be redirected by the carrier.',
  ],
  [
    'kb-027',
    'Returns',
    'A return is open for 30 days. The label is sent by e-mail and the money is returned within five working days after the parcel arrives.',
  ],
  ['kb-301', 'Aurora: manual', 'Flicker after an update: hold the dimmer for ten seconds until the lamp blinks twice.'],
  [
    'kb-090',
    'Countries we ship to',
    'We ship to the EU, Norway, Switzerland and the United Kingdom. Customs are included from 89 euro.',
  ],
  [
    'kb-214',
    'Payments',
    'A charge that appears twice is usually a reservation and disappears within three working days.',
  ],
];

const rates = { prompt: 24, completion: 78 }; // ms for 1000 tokens read, and for one of 10 written

function makeTrace(startNs, rootName, common) {
  const trace = { traceId: hex(32), spans: [], startNs, common };
  trace.root = add(trace, { name: rootName, kind: 'AGENT', from: 0, to: 0 });
  return trace;
}

function add(trace, { name, kind, parent, from, to, attributes = {}, status, events }) {
  const span = {
    traceId: trace.traceId,
    spanId: hex(16),
    parentId: parent?.spanId,
    name,
    startNs: trace.startNs + ms(from),
    endNs: trace.startNs + ms(to),
    attributes: { 'openinference.span.kind': kind, ...trace.common, ...attributes },
    status,
    events,
  };
  trace.spans.push(span);
  return span;
}

const fail = (span, type, message, stack) => {
  span.status = { code: 2, message };
  span.events = [
    {
      timeNs: span.endNs,
      name: 'exception',
      attributes: { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack },
    },
  ];
};

const timeoutStack = `Traceback (most recent call last):
  File "/srv/support/agent.py", line 88, in call_tool
    return self.http.post(url, json=arguments, timeout=2.0)
  File "/usr/lib/python3/dist-packages/httpx/_client.py", line 901, in send
    raise ReadTimeout(message)
httpx.ReadTimeout: no answer from orders.internal after 2.0 s`;

function retrieve(trace, parent, at, question, shift) {
  const order = articles.map((_, i) => (i + shift) % articles.length);
  const found = order.slice(0, 4).map((i, rank) => ({
    'document.id': articles[i][0],
    'document.content': articles[i][2],
    'document.score': Number((0.81 - rank * 0.09 - (i % 2) * 0.02).toFixed(3)),
    'document.metadata': JSON.stringify({ title: articles[i][1], source: 'help centre', updated: `2026-01-1${i}` }),
  }));
  const flat = (prefix, documents) =>
    Object.fromEntries(
      documents.flatMap((document, i) =>
        Object.entries(document).map(([key, value]) => [`${prefix}.${i}.${key}`, value]),
      ),
    );
  add(trace, {
    name: 'embed question',
    kind: 'EMBEDDING',
    parent,
    from: at + 2,
    to: at + 31,
    attributes: {
      'embedding.model_name': 'text-embedding-3-small',
      'embedding.embeddings.0.embedding.text': question,
      'llm.token_count.prompt': 11n,
    },
  });
  add(trace, {
    name: 'qdrant.search',
    kind: 'RETRIEVER',
    parent,
    from: at + 33,
    to: at + 71,
    attributes: {
      'input.value': question,
      ...flat('retrieval.documents', found),
      'db.system': 'qdrant',
      'retrieval.top_k': 4n,
    },
  });
  const reranked = [found[1], found[0], found[3]].map((document, i) => ({
    ...document,
    'document.score': Number((0.97 - i * 0.21).toFixed(3)),
  }));
  add(trace, {
    name: 'rerank',
    kind: 'RERANKER',
    parent,
    from: at + 74,
    to: at + 168,
    attributes: {
      'reranker.query': question,
      'reranker.model_name': 'bge-reranker-v2',
      'reranker.top_k': 3n,
      ...flat('reranker.input_documents', found),
      ...flat('reranker.output_documents', reranked),
    },
  });
  return {
    at: at + 172,
    context: reranked.map((document) => `[${document['document.id']}] ${document['document.content']}`).join('\n'),
  };
}

const tools = JSON.stringify(
  ['order_status', 'search_manual', 'open_return'].map((name) => ({
    type: 'function',
    function: {
      name,
      description: `Asks the shop: ${name.replace('_', ' ')}`,
      parameters: { type: 'object', properties: { order: { type: 'integer' } } },
    },
  })),
);

const sizeOf = (messages) => Math.round(JSON.stringify(messages).length / 3.6);

function call(trace, { parent, at, model, provider, messages, answer, cached }) {
  const prompt = sizeOf(messages) + 900;
  const completion = sizeOf(answer) + 12;
  const first = 180 + (prompt / 1000) * rates.prompt;
  const took = first + (completion / 10) * rates.completion;
  const span = add(trace, {
    name: `chat ${model}`,
    kind: 'LLM',
    parent,
    from: at,
    to: at + took,
    attributes: {
      'llm.model_name': model,
      ...(provider ? { 'llm.provider': provider } : {}),
      'llm.invocation_parameters': JSON.stringify({ temperature: 0.2, max_tokens: 512, seed: 7, stop: ['\n\nUser:'] }),
      'llm.input_messages': JSON.stringify(messages),
      'llm.output_messages': JSON.stringify([answer]),
      'llm.tools': tools,
      'prompt.id': 'support-answer',
      'llm.prompt_template.version': 'v3',
      'llm.finish_reason': answer.tool_calls ? 'tool_calls' : 'stop',
      'llm.token_count.prompt': BigInt(prompt),
      'llm.token_count.completion': BigInt(completion),
      'llm.token_count.prompt_details.cache_read': BigInt(cached ? Math.round(prompt * 0.62) : 0),
      'gen_ai.response.time_to_first_chunk': first / 1000,
    },
  });
  return { span, end: at + took };
}

// One turn of a talk: look up, ask the model, run its tool, ask again. The history is sent again with each call.
function turn(talk, index, history, { startNs, session, model, trouble }) {
  const [question, tool, args, result, answer] = talk.turns[index];
  const trace = makeTrace(startNs, 'support_agent.run', { 'session.id': session, 'user.id': talk.user });
  const { root } = trace;
  Object.assign(root.attributes, { 'input.value': question, 'agent.name': 'support' });
  const guard = add(trace, {
    name: 'guard.input',
    kind: 'GUARDRAIL',
    parent: root,
    from: 3,
    to: 21,
    attributes: { 'input.value': question, 'output.value': '{"allowed": true}' },
  });
  guard.attributes.metadata = JSON.stringify({ policy: 'pii-3' });
  const chain = add(trace, { name: 'retrieve context', kind: 'CHAIN', parent: root, from: 24, to: 200 });
  const { at, context } = retrieve(trace, chain, 26, question, talks.indexOf(talk));
  chain.endNs = trace.startNs + ms(at + 2);
  const system = { role: 'system', content: instructions };
  history.push({ role: 'user', content: `${question}\n\nContext:\n${context}` });
  let end = at + 6;
  if (tool) {
    const id = `call_${hex(6)}`;
    const asks = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id, type: 'function', function: { name: tool, arguments: JSON.stringify(args) } }],
    };
    const first = call(trace, {
      parent: root,
      at: end,
      ...model,
      messages: [system, ...history],
      answer: asks,
      cached: index > 0,
    });
    end = runTool(trace, {
      parent: root,
      at: first.end + 4,
      tool,
      args,
      result,
      failures: trouble === 'retry' ? 2 : trouble === 'down' ? 3 : 0,
    });
    history.push(asks);
    if (trouble === 'down') {
      root.status = { code: 2, message: `${tool} failed three times` };
      root.endNs = trace.startNs + ms(end + 3);
      return trace;
    }
    history.push({ role: 'tool', tool_call_id: id, name: tool, content: result });
  }
  const says = { role: 'assistant', content: answer };
  const last = call(trace, {
    parent: root,
    at: end + 5,
    ...model,
    messages: [system, ...history],
    answer: says,
    cached: index > 0 || tool !== null,
  });
  history.push(says);
  root.endNs = trace.startNs + ms(last.end + 4);
  root.attributes['output.value'] = answer;
  return trace;
}

function runTool(trace, { parent, at, tool, args, result, failures }) {
  let from = at;
  for (let attempt = 0; attempt < Math.max(1, failures + 1); attempt += 1) {
    const failed = attempt < failures;
    if (attempt === 3) break;
    const to = from + (failed ? 2004 : between(60, 320));
    const span = add(trace, {
      name: `tool.${tool}`,
      kind: 'TOOL',
      parent,
      from,
      to,
      attributes: {
        'tool.name': tool,
        'input.value': JSON.stringify(args),
        'http.retry': BigInt(attempt),
        ...(failed ? {} : { 'output.value': result }),
      },
    });
    if (failed) fail(span, 'httpx.ReadTimeout', 'no answer from orders.internal after 2.0 s', timeoutStack);
    from = to + (failed ? 250 * 2 ** attempt : 2);
  }
  return from;
}

// A nightly job: many like siblings.
function indexing(startNs) {
  const trace = makeTrace(startNs, 'index help centre', { 'session.id': 'nightly' });
  let at = 4;
  for (let page = 0; page < 36; page += 1) {
    const took = between(18, 64);
    add(trace, {
      name: 'embed page',
      kind: 'EMBEDDING',
      parent: trace.root,
      from: at,
      to: at + took,
      attributes: {
        'embedding.model_name': 'text-embedding-3-small',
        'embedding.embeddings.0.embedding.text': articles[page % 5][2],
        'llm.token_count.prompt': BigInt(300 + page),
        'http.attempt': 1n,
      },
    });
    at += took + 2;
  }
  trace.root.endNs = trace.startNs + ms(at + 3);
  return trace;
}

const models = {
  gpt: { model: 'gpt-4o', provider: 'openai' },
  mini: { model: 'gpt-4o-mini', provider: 'openai' },
  claude: { model: 'claude-3-5-sonnet-20241022', provider: 'anthropic' },
  local: { model: 'lamp-llama-8b', provider: '' },
};

// The same ids and numbers for the same seed.
export function makeTraces(now, seed) {
  random = numbersFrom(seed);
  const traces = [];
  const order = ['gpt', 'mini', 'gpt', 'claude', 'gpt', 'local', 'mini', 'gpt'];
  for (let talkNumber = 0; talkNumber < 28; talkNumber += 1) {
    const talk = talks[talkNumber % talks.length];
    const began = now - (46n * hour * BigInt(28 - talkNumber)) / 28n - ms(between(0, 900_000));
    const history = [];
    const model = models[order[talkNumber % order.length]];
    const session = `talk-${String(1040 + talkNumber)}`;
    for (const index of talk.turns.keys()) {
      const trouble = index > 0 ? null : talkNumber % 9 === 4 ? 'down' : talkNumber % 6 === 1 ? 'retry' : null;
      const startNs = began + BigInt(index) * 95n * second + ms(between(0, 20_000));
      traces.push(turn(talk, index, history, { startNs, session, model, trouble }));
      if (trouble === 'down') break;
    }
  }
  traces.push(indexing(now - 20n * hour), indexing(now - 44n * hour));
  return traces;
}

export function logsOf({ traceId, spans }) {
  const failed = spans.filter((span) => span.status?.code === 2 && span.events);
  return failed.map((span) => ({
    timeUnixNano: String(span.endNs),
    severityNumber: 13,
    severityText: 'WARN',
    body: { stringValue: `${span.name} did not answer, trying again` },
    traceId,
    spanId: span.spanId,
    attributes: [{ key: 'host.name', value: { stringValue: 'support-2' } }],
  }));
}

const judged = [
  [0.94, 'grounded', 'Each sentence is backed by an article.'],
  [0.88, 'grounded', 'Backed by an article; the tone is fine.'],
  [0.41, 'unsupported', 'The number of days is in no article.'],
];

// Of the answers: what a model that judges says of each, and what some users said of the whole turn.
export function evalsOf(traces) {
  const answers = traces.filter(({ root }) => root.attributes['output.value'] !== undefined);
  const spans = answers.map(({ spans }, i) => {
    const [score, label, explanation] = judged[i % 5 === 3 ? 2 : i % 2];
    const result = { score, label, explanation };
    return { span_id: spans.at(-1).spanId, name: 'groundedness', annotator_kind: 'LLM', result };
  });
  const thumbs = answers.flatMap(({ traceId }, i) => {
    if (i % 4 !== 0) return [];
    const label = i % 12 === 8 ? 'down' : 'up';
    return [
      { trace_id: traceId, name: 'thumb', annotator_kind: 'HUMAN', result: { score: label === 'up' ? 1 : 0, label } },
    ];
  });
  return { spans, traces: thumbs };
}
