import {
  createHttp2Server,
  type Fields,
  fieldOf,
  type Http2Server,
  type Http2ServerOptions,
  type ServerStream,
} from "../src/index.ts";

const limits = {
  maxConcurrentStreams: 100,
  maxMessageBytes: 8 * 2 ** 20,
  keepAliveMs: 30_000,
  keepAliveTimeoutMs: 10_000,
};

/** A page takes as long as the work of a handler, so that streams are open at the same time. */
const WORK_MS = 30;

/** Creates a server that sends each message of gRPC back, and with `echoFields` the fields whose names begin with `x-`. Requests without gRPC get a page. */
export function createEchoServer(options: Partial<Http2ServerOptions> & { echoFields?: boolean } = {}): Http2Server {
  return createHttp2Server({ ...limits, ...options }, (stream) => {
    const head = [":status", "200", "content-type", "application/grpc"];
    if (fieldOf(stream.fields, "content-type") !== "application/grpc") return respondWithPage(stream);
    const messages: Buffer[] = [];
    stream.receive({
      onMessage: (message) => void messages.push(message),
      onEnd() {
        stream.head(options.echoFields ? [...head, ...ownFields(stream.fields)] : head);
        for (const message of messages) stream.message(message);
        stream.end(["grpc-status", "0"]);
        stream.stop();
      },
      onProblem(problem) {
        stream.end([...head, "grpc-status", problem === "too large" ? "8" : "13"]);
        stream.stop();
      },
      onCancelled: () => stream.stop(),
    });
  });
}

function ownFields(fields: Fields): Fields {
  return fields.filter((_, at) => fields[at - (at % 2)]?.startsWith("x-"));
}

function respondWithPage(stream: ServerStream): void {
  const respond = () => {
    stream.text([":status", "415"], "This server serves gRPC only.");
    stream.stop();
  };
  stream.receive({
    onMessage() {},
    onEnd: () => setTimeout(respond, WORK_MS),
    onProblem: respond,
    onCancelled: () => stream.stop(),
  });
}
