// The demo agent against a scripted model, built beside the server.
import { execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { program } from './server.mjs';

const built = (name) => join(dirname(program), name);

// Lets the agent answer one question. Returns once its spans are sent: the id of its trace.
export async function runDemoAgent(url, service) {
  const model = spawn(built('scripted_llm'), ['--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const ready = await new Promise((resolve, reject) => {
      model.once('error', reject);
      model.once('exit', (code) => reject(new Error(`scripted_llm exited with ${code} before it was ready`)));
      createInterface(model.stdout).once('line', (line) => resolve(JSON.parse(line)));
    });
    const flags = ['--llm-url', `http://${ready.http}/v1`, '--endpoint', `${url}/v1/traces`, '--service-name', service];
    const { stdout } = await promisify(execFile)(built('run_traced'), flags);
    return stdout.match(/[0-9a-f]{32}/)[0];
  } finally {
    model.kill('SIGTERM');
  }
}
