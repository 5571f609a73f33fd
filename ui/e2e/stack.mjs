// The programs of the demo stack, built beside the server: the agent, its chat server, and the scripted model they ask.
import { execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { program } from './server.mjs';

const built = (name) => join(dirname(program), name);

// Runs one until `use` has ended, which is given its address.
async function withProgram(name, { flags = [], env = {} }, use) {
  const child = spawn(built(name), ['--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    const ready = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${name} exited with ${code} before it was ready`)));
      createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    });
    return await use(`http://${ready.http}`);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

const modelUrl = (address) => `${address}/v1`;

// Lets the agent answer one question. Returns once its spans are sent: the id of its trace.
export const runDemoAgent = (url, service) =>
  withProgram('scripted_llm', {}, async (model) => {
    const flags = ['--llm-url', modelUrl(model), '--endpoint', `${url}/v1/traces`, '--service-name', service];
    const { stdout } = await promisify(execFile)(built('run_traced'), flags);
    return stdout.match(/[0-9a-f]{32}/)[0];
  });

// A chat server whose spans leave at once, so that nobody need wait for them.
export const withChatServer = (url, use) =>
  withProgram('scripted_llm', {}, (model) =>
    withProgram(
      'chat_server',
      {
        flags: ['--llm-url', modelUrl(model), '--endpoint', `${url}/v1/traces`],
        env: { OTEL_BSP_SCHEDULE_DELAY: '10' },
      },
      use,
    ),
  );
