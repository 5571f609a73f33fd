// Makes a screenshot a PNG of at most 256 colours (PNG, 3rd edition: sections 9 filtering, 10 deflate, 11 chunks). Pages
// have few colours; the rest are blends at the edges of letters, of which the nearest is as good.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const exactColours = 96; // of the most frequent ones, which surfaces and plain text have
const paletteColours = 256;

function chunksOf(png) {
  const chunks = [];
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), bytes: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function chunk(type, bytes) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), bytes]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(bytes.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

// 8-bit RGB or RGBA, as browsers write it: one number 0xRRGGBB for each pixel.
function readPixels(png) {
  const chunks = chunksOf(png);
  const header = chunks[0].bytes;
  const [width, height, depth, type] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8], header[9]];
  if (depth !== 8 || (type !== 2 && type !== 6) || header[12] !== 0) throw new Error('not a plain 8-bit PNG');
  const size = type === 2 ? 3 : 4;
  const stride = width * size;
  const raw = inflateSync(Buffer.concat(chunks.filter((one) => one.type === 'IDAT').map((one) => one.bytes)));
  const lines = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= size ? lines[at - size] : 0;
      const up = y > 0 ? lines[at - stride] : 0;
      const corner = x >= size && y > 0 ? lines[at - stride - size] : 0;
      const added = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      lines[at] = raw[y * (stride + 1) + 1 + x] + added;
    }
  }
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = lines.readUIntBE(i * size, 3);
  return { width, height, pixels };
}

const channel = (colour, index) => (colour >> (16 - 8 * index)) & 255;

// Median cut: the box that is widest in a channel is halved there, until there are enough.
function middles(colours, count) {
  const boxes = [colours];
  const spread = (box) => {
    const widths = [0, 1, 2].map((index) => {
      const values = box.map((colour) => channel(colour, index));
      return Math.max(...values) - Math.min(...values);
    });
    const width = Math.max(...widths);
    return { width, index: widths.indexOf(width) };
  };
  const spreads = new Map([[colours, spread(colours)]]);
  while (boxes.length < count) {
    const widest = boxes.reduce((one, other) => (spreads.get(other).width > spreads.get(one).width ? other : one));
    const { width, index } = spreads.get(widest);
    if (width === 0) break;
    const sorted = widest.toSorted((one, other) => channel(one, index) - channel(other, index));
    const halves = [sorted.slice(0, sorted.length >> 1), sorted.slice(sorted.length >> 1)];
    boxes.splice(boxes.indexOf(widest), 1, ...halves);
    for (const half of halves) spreads.set(half, spread(half));
  }
  return boxes.map((box) => box[box.length >> 1]);
}

function paletteOf(pixels) {
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const byCount = [...counts.keys()].toSorted((one, other) => counts.get(other) - counts.get(one));
  if (byCount.length <= paletteColours) return byCount;
  const exact = byCount.slice(0, exactColours);
  return [...exact, ...middles(byCount.slice(exactColours), paletteColours - exactColours)];
}

function nearest(palette, colour) {
  const distance = (other) =>
    [0, 1, 2].reduce((sum, index) => sum + (channel(colour, index) - channel(other, index)) ** 2, 0);
  let best = 0;
  for (let i = 1; i < palette.length; i += 1) if (distance(palette[i]) < distance(palette[best])) best = i;
  return best;
}

export function shrinkPng(png) {
  const { width, height, pixels } = readPixels(png);
  const palette = paletteOf(pixels);
  const indexOf = new Map(palette.map((colour, index) => [colour, index]));
  const lines = Buffer.alloc(height * (width + 1)); // each begins with filter 0
  for (const [i, colour] of pixels.entries()) {
    let index = indexOf.get(colour);
    if (index === undefined) {
      index = nearest(palette, colour);
      indexOf.set(colour, index);
    }
    lines[i + Math.floor(i / width) + 1] = index;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [0, 1, 2].map((index) => channel(colour, index))))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
