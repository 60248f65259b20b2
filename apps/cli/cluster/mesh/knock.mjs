// Runs in a pod: knocks at each of TARGETS and tells of each whether what stands behind it answered.
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";

const speak = { grpc: callGrpc, http: getPage, first: listen, postgres: askPostgres };
const answers = [];
for (const target of TARGETS) answers.push(await speak[target.how](target).catch((error) => `no: ${error.message}`));
console.log(JSON.stringify(answers));

/** What the proxy of the callee refuses is PERMISSION_DENIED without the callee's details. */
function callGrpc({ host, port, path }) {
  return within((resolve, reject) => {
    const session = http2.connect(`http://${host}:${port}`).on("error", reject);
    const call = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let head = {};
    let said = {};
    call.on("response", (headers) => {
      head = headers;
    });
    call.on("trailers", (headers) => {
      said = headers;
    });
    call.on("error", reject).on("close", () => {
      session.close();
      const status = said["grpc-status"] ?? head["grpc-status"];
      const text = decodeURIComponent(said["grpc-message"] ?? head["grpc-message"] ?? "");
      resolve(isAnswer(status, text) ? `yes: gRPC ${status}` : `no: gRPC ${status} ${text}`);
    });
    call.on("data", () => {}).end(Buffer.alloc(5));
  });
}

const isAnswer = (status, text) => status !== undefined && !/RBAC|upstream|no healthy|reset/i.test(text);

function getPage({ host, port }) {
  return within((resolve, reject) => {
    http
      .get({ host, port, path: "/", agent: false }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        const refused = () => /RBAC|upstream connect|no healthy/i.test(text) || answer.statusCode === 503;
        answer.on("end", () => resolve(`${refused() ? "no" : "yes"}: HTTP ${answer.statusCode}`));
      })
      .on("error", reject);
  });
}

/** NATS and SMTP speak first. */
function listen({ host, port }) {
  return socketTo(host, port, "");
}

/** Asks whether the server knows TLS: one byte comes back. */
function askPostgres({ host, port }) {
  return socketTo(host, port, Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
}

function socketTo(host, port, greeting) {
  return within((resolve, reject) => {
    const socket = net.connect(port, host, () => greeting && socket.write(greeting));
    socket.on("data", (bytes) => {
      socket.destroy();
      resolve(`yes: ${bytes.length} bytes`);
    });
    socket.on("error", reject).on("close", () => resolve("no: closed without a word"));
  });
}

async function within(work) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing within 5 s")), 5_000).unref());
  return Promise.race([new Promise(work), late]);
}
