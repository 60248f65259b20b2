/**
 * Run inside a pod: reads where its settings point to, and tries each place. Prints names and ports only, no secrets. The
 * issuer of tokens is a name, not a place.
 */
export const probeScript = `
  import dns from "node:dns/promises";
  import net from "node:net";
  const ports = { "postgres:": 5432, "postgresql:": 5432, "nats:": 4222, "smtp:": 587, "smtps:": 465, "http:": 80, "https:": 443 };
  const places = new Map();
  for (const [setting, value] of Object.entries(process.env)) {
    if (!/(_ADDRESS|_URL|_UPSTREAMS|_ENDPOINT)$/.test(setting)) continue;
    for (const text of value.startsWith("{") ? Object.values(JSON.parse(value)) : value.split(",")) {
      const place = placeOf(String(text).trim());
      if (place && !/^(127\\.|localhost$|\\[?::1)/.test(place.host)) places.set(place.host + place.port, { setting, ...place });
    }
  }
  const probes = await Promise.all([...places.values()].map(async (place) => ({ ...place, error: await attempt(place) })));
  console.log(JSON.stringify(probes));
  process.exit();

  function placeOf(text) {
    const bare = /^(?:[a-z0-9-]+:\\/\\/\\/)?([^\\s\\/:@]+):(\\d+)$/i.exec(text);
    if (bare) return { host: bare[1], port: Number(bare[2]) };
    const watched = /^kubernetes:\\/\\/\\/([^:]+):grpc$/.exec(text);
    if (watched) return { host: watched[1], port: 50051 };
    if (!URL.canParse(text)) return undefined;
    const { hostname, port, protocol, pathname } = new URL(text);
    return hostname ? { host: hostname, port: Number(port || ports[protocol] || 0) } : placeOf(pathname.slice(1));
  }

  async function attempt({ host, port }) {
    try {
      const [{ address }] = await dns.lookup(host, { all: true });
      await new Promise((resolve, reject) => {
        const socket = net.connect({ host: address, port, timeout: 5000 }, resolve);
        socket.on("error", reject).on("timeout", () => reject(new Error("no answer within 5 s")));
      });
    } catch (error) {
      return error.code ?? error.message;
    }
  }
`;
