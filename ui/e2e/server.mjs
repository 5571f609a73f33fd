// The server under test: a fresh one of our own, or the one at NIGHTJAR_URL, which has to be empty.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const program =
  process.env.NIGHTJAR_BIN ?? fileURLToPath(new URL('../../build/release/nightjar', import.meta.url));
const startTimeoutMs = 30_000;

export async function startServer(settings = []) {
  if (process.env.NIGHTJAR_URL) return { url: process.env.NIGHTJAR_URL.replace(/\/$/, ''), stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-ui-e2e-'));
  const flags = [
    '--port',
    '0',
    '--otlp-http-port',
    '0',
    '--grpc-port',
    '0',
    '--data-dir',
    join(folder, 'data'),
    ...settings,
  ];
  const child = spawn(program, ['serve', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const ready = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} was not ready in time`)), startTimeoutMs);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} exited with ${code} before it was ready`)));
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
  return {
    url: `http://${ready.http}`,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
