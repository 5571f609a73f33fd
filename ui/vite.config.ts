import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The text font is needed by the first paint; without this the browser finds it only after the stylesheet.
function preloadTextFont(): Plugin {
  return {
    name: 'preload-text-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((file) => /inter-latin-wght-normal.*\.woff2$/.test(file));
        if (!font) throw new Error('the build holds no latin text font');
        return [
          {
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${font}`, crossorigin: '' },
            injectTo: 'head',
          },
        ];
      },
    },
  };
}

// The licences page shows what the program stands on too.
function thirdParty(): Plugin {
  return {
    name: 'third-party',
    apply: 'build',
    generateBundle() {
      const source = readFileSync(new URL('../THIRD_PARTY.md', import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'third_party.md', source });
    },
  };
}

export default defineConfig({
  plugins: [react(), preloadTextFont(), thirdParty()],
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: true, // for tools/embed.mjs: what each page loads
    license: { fileName: 'licences.md' },
  },
  server: { proxy: { '/api': process.env.NIGHTJAR_URL ?? 'http://127.0.0.1:6006' } },
  test: { include: ['src/**/*.test.{ts,tsx}'], testTimeout: 60_000 },
});
