import { expect, it } from 'vitest';
import { classifyStackLine } from './stack_trace';

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
