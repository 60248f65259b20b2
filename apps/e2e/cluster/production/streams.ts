import { topology } from "@kontor/shop";
import { until, type World } from "../world.ts";

type Stream = {
  readonly name: string;
  readonly config: { readonly num_replicas: number };
  readonly cluster?: { readonly leader?: string; readonly replicas?: readonly { readonly current: boolean }[] };
};
type Told = { readonly account_details?: readonly { readonly stream_detail?: readonly Stream[] }[] };

export const NATS_PODS = ["nats-0", "nats-1", "nats-2"];

/** The state of each stream at its leader, over all servers. */
export async function streamsOf({ kube }: World): Promise<Stream[]> {
  const told = await Promise.all(
    NATS_PODS.map((pod) =>
      kube.forward(`pod/${pod}`, 8222, async (port) => {
        const answer = await fetch(`http://127.0.0.1:${port}/jsz?streams=true&config=true`);
        const { account_details: accounts = [] } = (await answer.json()) as Told;
        const streams = accounts.flatMap(({ stream_detail: streams = [] }) => streams);
        return streams.filter(({ cluster }) => cluster?.leader === pod);
      }),
    ),
  );
  return told.flat();
}

/** Waits until all servers are back and every stream has all its copies up to date. */
export async function streamsHealthy(world: World): Promise<Stream[]> {
  return until("streams with three current copies", 180_000, async () => {
    const streams = await streamsOf(world).catch(() => []);
    const whole = streams.filter(({ cluster }) => cluster?.replicas?.filter(({ current }) => current).length === 2);
    return streams.length >= topology.streams.length && whole.length === streams.length && streams;
  });
}
