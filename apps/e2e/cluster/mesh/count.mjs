// Runs in a pod, as a customer of GATEWAY: lists its orders COUNT times with HEADERS, eight at a time, and prints the number of failures.
import http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
let session = {};
await signIn();
const failures = [];
let left = COUNT;
await Promise.all(Array.from({ length: 8 }, work));
console.log(JSON.stringify({ sent: COUNT, failed: failures.length, failures: failures.slice(0, 5) }));

async function work() {
  while (left-- > 0) {
    const { status, text } = await ask("GET", `/api/v1/users/${session.userId}/orders?pageSize=1`).catch((error) => ({
      status: 0,
      text: error.message,
    }));
    if (status !== 200) failures.push(`${status} ${text.slice(0, 150)}`);
  }
}

async function signIn() {
  const account = { email: `count-${Date.now()}@kontor.example`, password: crypto.randomUUID() };
  await ask("POST", "/api/v1/users", { ...account, displayName: "Count" });
  session = JSON.parse((await ask("POST", "/api/v1/sessions", account)).text);
}

function ask(method, path, body) {
  const headers = { "content-type": "application/json", ...HEADERS };
  if (session.accessToken) headers.authorization = `Bearer ${session.accessToken}`;
  return new Promise((resolve, reject) => {
    const request = http.request(`${GATEWAY}${path}`, { method, headers, agent, timeout: 20_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, text })).on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("no response within 20 s"))).on("error", reject);
    request.end(body && JSON.stringify(body));
  });
}
