/** How an RPC is called over HTTP, as its contract says. */
export interface Operation {
  /** Method and path. Variables are in braces, by their JSON names: `GET /v1/{name=shelves/*}/books/{book.id}`. */
  readonly http: string;
  /** `*` if the body is the request without the fields in the path, or the name of the field that is the body. Default: no body. */
  readonly body?: string;
  /** Whether the RPC needs an access token. */
  readonly guarded?: boolean;
  /** Whether a call without an idempotency key may be repeated. */
  readonly safe?: boolean;
  /** The field that carries the idempotency key, or an empty text if only the header does. Absent for RPCs without keys. */
  readonly key?: string;
  /** Whether the response is a stream of messages. */
  readonly stream?: boolean;
  /** Whether the response is bytes, returned as a `Blob`. */
  readonly bytes?: boolean;
}

/** The operations of an API by service and RPC. */
export type Api = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** Where access tokens come from. */
export interface TokenSource {
  /** Returns the token to send, or undefined without one. */
  token(): string | undefined | Promise<string | undefined>;
  /** Returns another token than the one that was refused, or undefined if there is none. Default: there is none. */
  renew?(refused: string): Promise<string | undefined>;
}

/** How a client calls an API. */
export interface ClientOptions {
  /** The origin of the edge, such as `https://shop.example`. Default: that of the page. */
  readonly url?: string;
  /** An access token, or where tokens come from. Default: none. */
  readonly tokens?: string | TokenSource;
  /** Headers of every request, such as `Accept-Language`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest a call takes with all its attempts, in milliseconds. Default: 30,000. Streams have no limit by default. */
  readonly timeoutMs?: number;
  /** How often a call that may be repeated is repeated. Default: 3. */
  readonly retries?: number;
  /** Makes the requests. Default: `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** What a single call can change. */
export interface CallOptions extends Pick<ClientOptions, "headers" | "timeoutMs" | "retries"> {
  /** Ends the call when it aborts. The call then throws the reason of the signal. */
  readonly signal?: AbortSignal;
  /** The idempotency key. Default: a random one for each call. */
  readonly idempotencyKey?: string;
  /** Receives status and headers of the response that is returned. */
  readonly onResponse?: (response: Pick<Response, "status" | "headers">) => void;
}

/** What a single stream can change. Each of its connections may be opened `retries` times in a row. */
export interface StreamOptions extends CallOptions {
  /** The id of the last event that was received earlier. The stream continues after it. */
  readonly lastEventId?: string;
  /** The longest that a connection may be silent, in milliseconds; the edge writes every 15 s. Default: 60,000. */
  readonly silenceMs?: number;
}
