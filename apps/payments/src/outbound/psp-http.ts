import { requestsTo } from "@kontor/telemetry";
import { Pool } from "undici";
import { paymentErrors } from "../domain/errors.ts";
import type { CardProvider } from "../ports.ts";
import { asObject, readPspPayment } from "./psp-payment.ts";

interface Options {
  readonly url: string;
  readonly apiKey: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 5_000;
/** The provider's name for the usual card; others are named by their own token. */
const CARD = "tok_visa";

/** Calls the card provider over HTTP. A response that neither confirms nor refuses leaves the outcome unknown. */
export function createPspClient({ url, apiKey }: Options): CardProvider & { close(): Promise<void> } {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, "");
  const pool = new Pool(origin, {
    connections: 64,
    connect: { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    keepAliveTimeout: 30_000,
  });

  const observe = requestsTo("card-provider");

  function call(method: "GET" | "POST", path: string, key?: string, body?: object): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${apiKey}` };
    if (key !== undefined) headers["idempotency-key"] = key;
    if (body) headers["content-type"] = "application/json";
    const request = { method, path: `${base}${path}`, headers, ...(body && { body: JSON.stringify(body) }) };
    const sent = observe({ method, path, headers }, async () => {
      const { statusCode, body: answer } = await pool.request(request);
      return { status: statusCode, body: parse(await answer.text()) };
    });
    return sent.catch((cause) => {
      throw unknownOutcome(cause);
    });
  }

  async function post(path: string, key: string, body: object = {}) {
    return read(await call("POST", path, key, body), (answer) => readPspPayment(answer));
  }

  const segment = encodeURIComponent;

  return {
    authorise: (key, { orderId, amount, currency, method }) =>
      post("/v1/payments", key, {
        reference: orderId,
        amount: Number(amount),
        currency,
        paymentMethod: method === "card" ? CARD : method,
        capture: false,
      }),
    capture: (key, id, amount) => post(`/v1/payments/${segment(id)}/capture`, key, { amount: Number(amount) }),
    void: (key, id) => post(`/v1/payments/${segment(id)}/void`, key),
    refund: (key, id, amount) => post(`/v1/payments/${segment(id)}/refunds`, key, { amount: Number(amount) }),
    async outcomeOf(key) {
      const answer = await call("GET", `/v1/operations?idempotencyKey=${segment(key)}`);
      return answer.status === 404 ? undefined : read(answer, (body) => readPspPayment(asObject(body).answer));
    },
    payment: async (id) => read(await call("GET", `/v1/payments/${segment(id)}`), readPspPayment),
    close: () => pool.close(),
  };
}

function read<T>({ status, body }: Answer, parseBody: (body: unknown) => T): T {
  if (status >= 200 && status < 300) {
    try {
      return parseBody(body);
    } catch (cause) {
      throw unknownOutcome(cause);
    }
  }
  if (status === 404 && codeOf(body) === "payment_not_found") throw paymentErrors.PAYMENT_FORGOTTEN();
  if (isRefusal(status, body)) throw paymentErrors.PROVIDER_REFUSED({ code: codeOf(body) });
  throw unknownOutcome(new Error(`The provider responded with ${status} ${codeOf(body)}.`));
}

/** A refusal of the operation. A refusal of the caller (401, 429 …) does not decide it and is transient. */
function isRefusal(status: number, body: unknown): boolean {
  if (codeOf(body) === "idempotency_key_reused") return false;
  return status === 400 || status === 402 || status === 404 || status === 409 || status === 422;
}

function codeOf(body: unknown): string {
  const { error } = { error: undefined, ...asPart(body) };
  const { code } = { code: undefined, ...asPart(error) };
  return typeof code === "string" ? code : "";
}

function asPart(json: unknown): object {
  return typeof json === "object" && json !== null ? json : {};
}

function unknownOutcome(cause: unknown) {
  return paymentErrors.PAYMENT_OUTCOME_UNKNOWN({ retryAfterMs: 1_000, cause });
}

function parse(json: string): unknown {
  return json === "" ? undefined : JSON.parse(json);
}
