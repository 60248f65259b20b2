import { componentOf, type Pod } from "@kontor/cli";
import { podsOf } from "../../rollout.ts";
import { type Act, type Outcome, TAGS, type World } from "../../world.ts";
import { lastCallAfter } from "../last-call.ts";
import { canaryOf, changeShop, shapeShop } from "../shop.ts";
import { countSplit, settled } from "../splits.ts";
import { whileLoaded } from "../while-loaded.ts";

const apps = ["orders"];
const values = "istio/values";
const pair = ["orders.replicas=2"];
const replaced = [...pair, `orders.image.tag=${TAGS.second}`];
const green = (weight: number) => [...canaryOf("orders", weight), "orders.canary.replicas=2"];

/** Blue is the version that is there, green the next one. */
export const blueGreen: Act = {
  name: "blue-green",
  about:
    "orders in two versions with as many pods each, under load: by header, all to green in one step, back, again, and green becomes blue",
  async run(world) {
    await shapeShop(world, values, [...pair, ...green(0)]);
    return whileLoaded(world, exchange);
  },
};

async function exchange(world: World): Promise<Outcome[]> {
  const looked = await countSplit(world, { apps, weight: 0, headers: { "kontor-variant": "next" } });
  const there = await switchTo(world, 100);
  const back = await switchTo(world, 0);
  await changeShop(world, values, [...pair, ...green(100)]);
  await settled();
  await shapeShop(world, values, [...replaced, ...green(100)]);
  await changeShop(world, values, [...replaced, ...green(0)]);
  await settled();
  await shapeShop(world, values, replaced);
  await settled();
  return [looked, ...there, ...back, await onlyGreen(world)];
}

/** All calls from one version to the other, in one step. */
async function switchTo(world: World, weight: 0 | 100): Promise<Outcome[]> {
  const [track, name] = weight === 100 ? ["stable", "blue"] : ["canary", "green"];
  const left = (await ordersPods(world)).filter(({ metadata }) => metadata.labels?.track === track);
  const last = await lastCallAfter(world, left, () => changeShop(world, values, [...pair, ...green(weight)]));
  const facts = { [`last call to ${name} after helm upgrade, s`]: last };
  return [{ facts }, await countSplit(world, { apps, weight })];
}

async function onlyGreen(world: World): Promise<Outcome> {
  const images = (await ordersPods(world)).map(
    ({ spec }) => spec.containers.find(({ name }) => name === "orders")?.image ?? "",
  );
  const old = images.filter((image) => !image.endsWith(`:${TAGS.second}`));
  return {
    facts: { "pods of orders at the end": images.length },
    problems: old.map((image) => `At the end a pod of orders runs ${image}.`),
  };
}

async function ordersPods(world: World): Promise<Pod[]> {
  return (await podsOf(world)).filter((pod) => componentOf(pod) === "orders");
}
