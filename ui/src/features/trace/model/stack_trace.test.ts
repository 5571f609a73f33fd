import { expect, it } from 'vitest';
import { classifyStackLine, isFolded, ownFirst, stackRuns } from './stack_trace';

it.each([
  ['Traceback (most recent call last):', 'headline'],
  ['  File "/app/agent.py", line 41, in run', 'frame'],
  ['    result = self.registry.call(name, args)', 'code'],
  ['  File "/usr/lib/python3/dist-packages/httpx/_client.py", line 901, in send', 'library'],
  ['TimeoutError: deadline exceeded', 'headline'],
  ['    at runAgent (/srv/app/agent.js:12:9)', 'frame'],
  ['    at processTicksAndRejections (node:internal/process/task_queues:95:5)', 'library'],
  ['\tat com.example.Agent.run(Agent.java:42)', 'frame'],
  ['#3 0x0000 in run_traced() /src/stack/agent.cc:88', 'frame'],
])('%s', (line, kind) => {
  expect(classifyStackLine(line)).toBe(kind);
});

const stack = [
  'Traceback (most recent call last):',
  '  File "/usr/lib/python3/dist-packages/httpx/_client.py", line 1, in send',
  '    raise late',
  '  File "/usr/lib/python3/dist-packages/httpx/_pool.py", line 2, in get',
  '  File "/usr/lib/python3/dist-packages/httpx/_http.py", line 3, in read',
  'httpx.ReadTimeout: late',
  '',
  'The above exception was the direct cause of the following exception:',
  '',
  'Traceback (most recent call last):',
  '  File "/srv/agent.py", line 88, in call',
  'ToolError: no answer',
];

it('folds what libraries did, and sees where one exception leads to another', () => {
  const runs = stackRuns(stack);
  expect(runs.map(({ what, frames, lines }) => [what, frames, lines.length])).toEqual([
    ['own', 0, 1],
    ['library', 3, 4],
    ['own', 0, 2],
    ['cause', 0, 1],
    ['own', 1, 4],
  ]);
  expect(runs.map((run) => isFolded(run, runs))).toEqual([false, true, false, false, false]);
});

it('folds nothing where all frames are those of libraries', () => {
  const runs = stackRuns(stack.slice(0, 6));
  expect(runs.some((run) => isFolded(run, runs))).toBe(false);
});

it('has the own frames of each exception first', () => {
  const parts = ownFirst(stackRuns(stack));
  expect(parts?.map(({ cause, own, libraryFrames }) => [cause, own, libraryFrames])).toEqual([
    [[], ['Traceback (most recent call last):', 'httpx.ReadTimeout: late', ''], 3],
    [
      ['The above exception was the direct cause of the following exception:'],
      ['', 'Traceback (most recent call last):', '  File "/srv/agent.py", line 88, in call', 'ToolError: no answer'],
      0,
    ],
  ]);
  expect(parts?.[0]?.library[1]).toBe('    raise late');
});

it('has nothing to choose where frames are all of one sort', () => {
  expect(ownFirst(stackRuns(stack.slice(0, 6)))).toBeNull();
  expect(ownFirst(stackRuns(stack.slice(8)))).toBeNull();
});
