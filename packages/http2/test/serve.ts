// Serves echoes on a port, for h2spec: node packages/http2/test/serve.ts 8091
import { createEchoServer } from "./echo-server.ts";

console.log(await createEchoServer().listen("127.0.0.1", Number(process.argv[2] ?? 0)));
