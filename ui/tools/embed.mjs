// Usage: embed.mjs DIST OUT
// Compresses every file of DIST into the folder OUT/ui_bytes and writes OUT/ui_assets.cc, which takes the bytes in with
// .incbin: the compiler never parses them. The same files give the same output, and files that did not change are not
// written again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.md': 'text/plain; charset=utf-8',
};
const compressed = new Set(['.html', '.js', '.css', '.svg', '.md']);
const embeddedBytesMax = 900 * 1024; // as sent: brotli where there is brotli
const chunkBytesMax = 130 * 1024; // of one script, gzip
const firstLoadBytesMax = 180 * 1024; // scripts and styles of any page, gzip

function writeIfChanged(path, bytes) {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  writeFileSync(path, bytes);
}

function readAsset(file, dist) {
  const extension = extname(file);
  const contentType = contentTypes[extension];
  if (!contentType) throw new Error(`${file}: no content type for ${extension}`);
  const identity = readFileSync(file);
  const small = (bytes) => (bytes.length < identity.length * 0.95 ? bytes : Buffer.alloc(0));
  const pays = compressed.has(extension);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length };
  return {
    path: `/${relative(dist, file).split(sep).join('/')}`,
    contentType,
    etag: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    identity,
    gzip: pays ? small(gzipSync(identity, { level: 9 })) : Buffer.alloc(0),
    brotli: pays ? small(brotliCompressSync(identity, { params: quality })) : Buffer.alloc(0),
  };
}

// One object in .rodata per encoding; the end label gives its length.
function bytesSource(symbol, file) {
  return [
    `asm(".pushsection .rodata\\n"`,
    `    ".balign 16\\n"`,
    `    ".globl ${symbol}\\n${symbol}:\\n"`,
    `    ".incbin \\"${file}\\"\\n"`,
    `    ".globl ${symbol}_end\\n${symbol}_end:\\n"`,
    `    ".popsection\\n");`,
    `extern "C" const char ${symbol}[];`,
    `extern "C" const char ${symbol}_end[];`,
  ].join('\n');
}

const [dist, out] = process.argv.slice(2).map((path) => resolve(path));
const bytesFolder = join(out, 'ui_bytes');
mkdirSync(bytesFolder, { recursive: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((file) => !relative(dist, file).startsWith('.vite'));
const assets = files.map((file) => readAsset(file, dist)).sort((a, b) => (a.path < b.path ? -1 : 1));

const objects = [];
const rows = [];
const written = new Set();
for (const [index, asset] of assets.entries()) {
  const views = ['identity', 'gzip', 'brotli'].map((encoding) => {
    const bytes = asset[encoding];
    if (bytes.length === 0) return '{}';
    const name = `${index}.${encoding}`;
    const symbol = `nightjar_ui_${index}_${encoding}`;
    written.add(name);
    writeIfChanged(join(bytesFolder, name), bytes);
    objects.push(bytesSource(symbol, join(bytesFolder, name)));
    return `{${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}`;
  });
  rows.push(
    `      {"${asset.path}", "${asset.contentType}", "\\"${asset.etag}\\"",\n       ${views.join(',\n       ')}},`,
  );
}
for (const name of readdirSync(bytesFolder)) if (!written.has(name)) rmSync(join(bytesFolder, name));

// The build sees a change of the bytes only through this file, so their hash is part of it.
const contents = createHash('sha256');
for (const asset of assets) contents.update(asset.path).update(asset.etag);
const source = `// Made by ui/tools/embed.mjs; contents ${contents.digest('hex')}.
#include "ui_assets.h"

#include <algorithm>
#include <array>
#include <cstddef>

${objects.join('\n')}

namespace nightjar::ui {

std::span<const Asset> Assets() {
  static const std::array<Asset, ${assets.length}> assets{{
${rows.join('\n')}
  }};
  return assets;
}

const Asset* FindAsset(std::string_view path) {
  const std::span<const Asset> assets = Assets();
  const auto found = std::ranges::lower_bound(assets, path, {}, &Asset::path);
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

}  // namespace nightjar::ui
`;
writeIfChanged(join(out, 'ui_assets.cc'), Buffer.from(source));

function checkBudget(what, bytes, bytesMax) {
  if (bytes > bytesMax)
    throw new Error(`${what}: ${Math.ceil(bytes / 1024)} KiB, over the budget of ${bytesMax / 1024}`);
}

// Vite's record of which chunks and styles each chunk needs at once.
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));
const gzipBytes = new Map(assets.map(({ path, gzip, identity }) => [path, gzip.length || identity.length]));

// The scripts and styles that are loaded before a page of the chunk `name` shows.
function filesFor(name) {
  const seen = new Set();
  const files = new Set();
  const waiting = ['index.html', name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const { file, css = [], imports = [] } = manifest[next];
    for (const path of [file, ...css]) files.add(`/${path}`);
    waiting.push(...imports);
  }
  return files;
}

const isCode = ({ path }) => /\.(js|css)$/.test(path);
for (const asset of assets.filter(isCode)) checkBudget(asset.path, asset.gzip.length, chunkBytesMax);
const pages = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry && name.startsWith('src/app/'));
if (pages.length === 0) throw new Error('the build names no chunk of a page');
const firstLoads = pages.map((name) => [...filesFor(name)].reduce((sum, path) => sum + gzipBytes.get(path), 0));
for (const [at, name] of pages.entries()) checkBudget(`the first load of ${name}`, firstLoads[at], firstLoadBytesMax);
const firstLoad = Math.max(...firstLoads);

const sent = assets.reduce((sum, asset) => sum + (asset.brotli.length || asset.identity.length), 0);
checkBudget('the web UI', sent, embeddedBytesMax);
console.log(
  `web UI: ${assets.length} files, ${Math.ceil(sent / 1024)} KiB as sent, first load ${Math.ceil(firstLoad / 1024)} KiB`,
);
