import { ClientError, createSession, type SessionOptions, type TokenStore, type Tokens } from "@kontor/client";
import { describe, expect, it, onTestFinished } from "vitest";

/** Returns a server whose refresh tokens can be used once. A second use ends the session. */
function rotating({ graceUses = 0, waitMs = 1 } = {}) {
  let current = 0;
  let uses = 0;
  let hasEnded = false;
  const calls: string[] = [];
  const refresh = async ({ refreshToken }: Tokens): Promise<Tokens> => {
    calls.push(refreshToken);
    const used = Number(refreshToken.slice(1));
    const isCurrent = used === current;
    const isRepeat = used === current - 1 && uses++ < graceUses;
    if (!isCurrent && !isRepeat) hasEnded = true;
    if (hasEnded) throw new ClientError("refused", { reason: "REFRESH_REUSED", status: 401 });
    if (isCurrent) {
      current += 1;
      uses = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * waitMs));
    return tokens(current);
  };
  return { refresh, calls, hasEnded: () => hasEnded };
}
const tokens = (n: number): Tokens => ({ accessToken: `a${n}`, refreshToken: `r${n}` });

/** Returns what the storage of a browser is: shared by all tabs, each of which reads text. */
function sharedStore(): TokenStore {
  let text = JSON.stringify(tokens(0));
  return {
    read: () => JSON.parse(text) ?? undefined,
    write: (value) => {
      text = JSON.stringify(value ?? null);
    },
  };
}
const tab = (refresh: SessionOptions<Tokens>["refresh"], store: TokenStore, more = {}) =>
  createSession({ refresh, store, lock: "session-test", ...more });

describe("a session in two tabs", () => {
  it("is renewed once, when both find its token refused", async () => {
    const { refresh, calls, hasEnded } = rotating();
    const store = sharedStore();
    const [one, two] = [tab(refresh, store), tab(refresh, store)];
    const renewed = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).renew?.("a0")));
    expect(new Set(renewed)).toEqual(new Set(["a1"]));
    expect([calls, hasEnded()]).toEqual([["r0"], false]);
  });

  it("survives 200 renewals without Web Locks, by the grace of the server for the same client", async () => {
    const { locks } = globalThis.navigator;
    Object.defineProperty(globalThis.navigator, "locks", { value: undefined, configurable: true });
    onTestFinished(
      () => void Object.defineProperty(globalThis.navigator, "locks", { value: locks, configurable: true }),
    );
    const { refresh, hasEnded } = rotating({ graceUses: 5 });
    const store = sharedStore();
    const [one, two] = [tab(refresh, store), tab(refresh, store)];
    for (let i = 0; i < 200; i++) {
      const renewed = await Promise.all([one.renew?.(`a${i}`), two.renew?.(`a${i}`)]);
      expect(renewed).toEqual([`a${i + 1}`, `a${i + 1}`]);
    }
    expect([hasEnded(), store.read()?.refreshToken]).toEqual([false, "r200"]);
  });

  it("takes over what the other has stored meanwhile, instead of ending", async () => {
    const store = sharedStore();
    let ended = 0;
    const refresh = async (): Promise<Tokens> => {
      store.write(tokens(1)); // The other tab was first.
      throw new ClientError("refused", { reason: "REFRESH_REUSED", status: 401 });
    };
    expect(await tab(refresh, store, { onEnd: () => ended++ }).renew?.("a0")).toBe("a1");
    expect([ended, store.read()]).toEqual([0, tokens(1)]);
  });
});

describe("a session", () => {
  it("ends when its refresh token is refused", async () => {
    let ended = 0;
    const refresh = async (): Promise<Tokens> => {
      throw new ClientError("refused", { reason: "REFRESH_INVALID", status: 401 });
    };
    const session = tab(refresh, sharedStore(), { onEnd: () => ended++ });
    expect(await session.renew?.("a0")).toBeUndefined();
    expect([ended, session.tokens()]).toEqual([1, undefined]);
  });

  it("is kept when the server cannot renew it now", async () => {
    const refresh = async (): Promise<Tokens> => {
      throw new ClientError("away", { reason: "UNAVAILABLE", status: 503 });
    };
    const session = tab(refresh, sharedStore());
    await expect(session.renew?.("a0")).rejects.toMatchObject({ status: 503 });
    expect(session.tokens()).toEqual(tokens(0));
  });
});
