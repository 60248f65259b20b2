import { parse, parseAllDocuments } from "yaml";

/** The settings of a mesh for retries. */
export interface RetryPolicy {
  readonly attempts?: number;
}

/** A route of a VirtualService. */
export interface HttpRoute {
  readonly match?: readonly { readonly uri?: { readonly regex: string }; readonly headers?: unknown }[];
  readonly retries?: RetryPolicy;
}

/** A rule of a route of the Gateway API. */
export interface RouteMatch {
  readonly method?: { readonly service: string; readonly method: string };
}

/** The fields of specs that say who calls what, and how often. Each kind has some of them. */
interface Spec {
  readonly clusterIP?: string;
  readonly selector?: { readonly track?: string };
  readonly template?: {
    readonly spec: { readonly containers: readonly { readonly env: readonly { name: string; value?: string }[] }[] };
  };
  readonly hosts?: readonly string[];
  readonly http?: readonly HttpRoute[];
  readonly parentRefs?: readonly { readonly kind: string; readonly name: string }[];
  readonly rules?: readonly { readonly matches?: readonly RouteMatch[] }[];
  readonly meshConfig?: { readonly defaultHttpRetryPolicy?: RetryPolicy };
}

/** An object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Spec;
  readonly data?: Readonly<Record<string, string>>;
}

/** Returns the objects of manifests, lists taken apart. */
export function objectsOf(text: string): Manifest[] {
  const documents: (Manifest & { items?: Manifest[] })[] = parseAllDocuments(text).map((document) => document.toJS());
  return documents.filter(Boolean).flatMap((object) => (object.kind === "List" ? (object.items ?? []) : [object]));
}

/** Returns the objects of a kind that the app of a name is made of. */
export const ofApp = (objects: readonly Manifest[], kind: string, name: string): Manifest[] =>
  objects.filter((object) => object.kind === kind && object.metadata.labels?.["app.kubernetes.io/name"] === name);

export const groupOf = ({ apiVersion }: Manifest): string | undefined => apiVersion.split("/")[0];

/** Returns what an Istio mesh does with calls that no route names: from its operator's file or its ConfigMap. */
export function istioDefault(objects: readonly Manifest[]): RetryPolicy | undefined {
  const operator = objects.find(({ kind }) => kind === "IstioOperator")?.spec.meshConfig;
  const map = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "istio")?.data?.mesh;
  const config: Spec["meshConfig"] = operator ?? (map && parse(map));
  return config?.defaultHttpRetryPolicy;
}
