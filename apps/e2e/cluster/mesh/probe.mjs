// Runs in a pod: calls each of TARGETS and prints for each whether the server behind it responded.
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";

const speak = { grpc: callGrpc, http: getPage, greet, postgres: askPostgres };
const answers = [];
for (const target of TARGETS) answers.push(await speak[target.how](target).catch((error) => `no: ${error.message}`));
console.log(JSON.stringify(answers));
process.exit(); // A target that never responds would keep the process running.

/** A refusal by the callee's proxy is PERMISSION_DENIED without the callee's details. */
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

function isAnswer(status, text) {
  return status !== undefined && !/RBAC|upstream|no healthy|reset/i.test(text);
}

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

/** A proxy authorises at the caller's first byte, so the server's greeting arrives in any case. The reply to the caller's words decides. */
function greet({ host, port, words, reply }) {
  return within((resolve, reject) => {
    const socket = net.connect(port, host);
    let received = "";
    socket.setEncoding("utf8").on("data", (text) => {
      if (received === "") socket.write(words);
      received += text;
      if (received.includes(reply)) resolve(`yes: ${reply}`);
    });
    socket
      .on("error", reject)
      .on("close", () => resolve(`no: closed ${received ? "after the greeting" : "before a greeting"}`));
  });
}

/** Tests whether the server supports TLS: it returns one byte. */
function askPostgres({ host, port }) {
  return within((resolve, reject) => {
    const socket = net.connect(port, host, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.on("data", () => resolve("yes: an answer")).on("error", reject);
    socket.on("close", () => resolve("no: closed at the first word"));
  });
}

async function within(work) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing within 5 s")), 5_000).unref());
  return Promise.race([new Promise(work), late]);
}
