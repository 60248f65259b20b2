import { ERROR, Http2Error } from "../protocol.ts";
import type { Output } from "./output.ts";

/** Frames without content: the burst, and the rate per second. */
const IDLE_FRAMES = [10_000, 1_000] as const;
/** Streams that end before their response: the burst, and the rate per second. */
const WASTED_STREAMS = [10_000, 1_000] as const;
/** The most bytes that wait for a peer which does not read. DATA waits elsewhere. */
const MAX_UNREAD = 2 ** 20;

const SMALL_INCREMENT = 1_024;
/** The pings and small window updates that headers and DATA allow. */
const TOKENS_PER_FRAME = 4;

/** Limits the work that a peer may cause without a result: floods of control frames, and streams that either side resets at once. */
export class PeerLimits {
  readonly #frames = new Budget(...IDLE_FRAMES);
  readonly #streams = new Budget(...WASTED_STREAMS);
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Counts a frame that carries nothing. @throws Http2Error ENHANCE_YOUR_CALM */
  countFrame(): void {
    if (!this.#frames.spend()) throw new Http2Error(ERROR.enhanceYourCalm, "Too many frames carry nothing.");
    if (this.#output.waiting > MAX_UNREAD) throw new Http2Error(ERROR.enhanceYourCalm, "The peer does not read.");
  }

  /** Counts a WINDOW_UPDATE: a small one carries nothing. @throws Http2Error ENHANCE_YOUR_CALM */
  countIncrement(increment: number): void {
    if (increment < SMALL_INCREMENT) this.countFrame();
  }

  /** Counts a frame that carries something. */
  countContent(): void {
    this.#frames.refund(TOKENS_PER_FRAME);
  }

  /** Counts a stream that ended before it brought a response. @throws Http2Error ENHANCE_YOUR_CALM */
  countStream(): void {
    if (!this.mayFailStream()) throw tooManyResets();
  }

  /** Counts a stream that is reset for an error of the peer. Returns whether the connection may go on. */
  mayFailStream(): boolean {
    return this.#streams.spend();
  }
}

/** Returns the error of a peer whose streams end before they bring a response, too often. */
export function tooManyResets(): Http2Error {
  return new Http2Error(ERROR.enhanceYourCalm, "Too many streams are reset.");
}

/** Limits a rate: spent tokens return with time, up to the burst. */
class Budget {
  readonly #burst: number;
  readonly #perMs: number;
  #left: number;
  #at = performance.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perMs = perSecond / 1_000;
    this.#left = burst;
  }

  /** Gives tokens back, up to the burst. */
  refund(tokens: number): void {
    this.#left = Math.min(this.#burst, this.#left + tokens);
  }

  /** Spends a token and returns whether there was one. */
  spend(): boolean {
    if (--this.#left >= 0) return true;
    const now = performance.now();
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    return this.#left >= 0;
  }
}
