import { Refusal } from "@kontor/config";

/** The names of a new service, in all spellings that its files need. */
export interface Names {
  /** `reviews`: in paths, packages, databases and streams. */
  readonly name: string;
  /** `review`: the resource that it stores. */
  readonly resource: string;
}

/** Words that are something else in charts, databases, ports or contracts. */
const RESERVED = new Set(
  "admin all any common default dev edge env errors event events global google grpc health internal keda kontor lib mesh money monitoring \
nats networkpolicy none openapi options others postgres problems psp carrier public release root run schema secrets seed service services \
shared stranger system template test tests utils webhook webhooks"
    .split(/\s+/)
    .filter(Boolean),
);

/** Returns the names of a service. Throws a Refusal with the reason for a name that cannot be used everywhere. */
export function namesOf(name: string, resource = singularOf(name)): Names {
  checkWord("service", name);
  checkWord("resource", resource);
  if (RESERVED.has(name))
    throw new Refusal(
      `"${name}" has another meaning in Kontor. Choose the word for the resource that the service owns.`,
    );
  const type = capitalised(resource);
  if (RESERVED.has(resource) || type in globalThis)
    throw new Refusal(`"${type}" has another meaning in contracts or TypeScript. Choose another: --resource WORD`);
  return { name, resource };
}

/** `Reviews` of `reviews`. */
export const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function checkWord(kind: string, word: string): void {
  if (/^[a-z]{3,20}$/.test(word)) return;
  throw new Refusal(
    `"${word}" cannot be the name of a ${kind}: 3 to 20 lowercase letters, one word without hyphens and digits, such as ${kind === "service" ? "reviews" : "review"}.`,
  );
}

function singularOf(name: string): string {
  if (name.endsWith("ies") && name.length > 5) return `${name.slice(0, -3)}y`;
  if (/(ss|sh|ch|x|z)es$/.test(name)) return name.slice(0, -2);
  return /[^s]s$/.test(name) && name.length > 3 ? name.slice(0, -1) : name;
}
