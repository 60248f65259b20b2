import { ERROR, Http2Error } from "../protocol.ts";
import { HUFFMAN_CODES, HUFFMAN_LENGTHS } from "./huffman-codes.ts";

const END_OF_STRING = 256;
/** Marks a transition that no valid string makes. */
const INVALID = 0xffff;

/**
 * A state is an inner node of the code's tree. For each state and each half of a byte: the next state, and the byte that is complete
 * then, or -1.
 */
const nextState = new Uint16Array(256 * 16);
const symbols = new Int16Array(256 * 16).fill(-1);
/** Returns whether a string may end in a state: after at most 7 bits of padding, all of them ones. */
const isFinal = new Uint8Array(256);

build();

function build(): void {
  const children: [number, number][] = [[-1, -1]];
  const leaves = new Map<string, number>();
  for (let symbol = 0; symbol <= END_OF_STRING; symbol++) {
    const code = HUFFMAN_CODES[symbol] ?? 0;
    let node = 0;
    for (let bit = (HUFFMAN_LENGTHS[symbol] ?? 0) - 1; bit >= 0; bit--) {
      const side = (code >>> bit) & 1;
      if (bit === 0) {
        leaves.set(`${node} ${side}`, symbol);
        continue;
      }
      const pair = children[node] ?? [-1, -1];
      if (pair[side] === -1) {
        pair[side] = children.length;
        children.push([-1, -1]);
      }
      node = pair[side] ?? 0;
    }
  }
  for (let node = 0, depth = 0; depth < 8; depth++, node = children[node]?.[1] ?? 0) isFinal[node] = 1;
  for (let state = 0; state < children.length; state++)
    for (let half = 0; half < 16; half++) {
      let node = state;
      const at = state * 16 + half;
      for (let bit = 3; bit >= 0 && node !== INVALID; bit--) {
        const side = (half >> bit) & 1;
        const symbol = leaves.get(`${node} ${side}`);
        if (symbol === undefined) node = children[node]?.[side] ?? INVALID;
        else if (symbol === END_OF_STRING) node = INVALID;
        else {
          symbols[at] = symbol;
          node = 0;
        }
      }
      nextState[at] = node;
    }
}

let scratch = Buffer.allocUnsafeSlow(4_096);

/** Returns the string of a Huffman code, each byte as a character. @throws Http2Error COMPRESSION_ERROR */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string {
  const most = Math.ceil(((to - from) * 8) / 5); // The shortest code has 5 bits.
  if (most > scratch.length) scratch = Buffer.allocUnsafeSlow(most);
  let state = 0;
  let length = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    let move = state * 16 + (byte >> 4);
    let symbol = symbols[move] ?? -1;
    if (symbol >= 0) scratch[length++] = symbol;
    state = nextState[move] ?? INVALID;
    if (state === INVALID) throw invalid();
    move = state * 16 + (byte & 15);
    symbol = symbols[move] ?? -1;
    if (symbol >= 0) scratch[length++] = symbol;
    state = nextState[move] ?? INVALID;
    if (state === INVALID) throw invalid();
  }
  if (isFinal[state] !== 1) throw invalid();
  return scratch.toString("latin1", 0, length);
}

function invalid(): Http2Error {
  return new Http2Error(ERROR.compression, "A string of a header block is no Huffman code.");
}
