import { parse, parseAllDocuments } from "yaml";

/** The objects of manifests, lists taken apart. */
export function objectsOf(text) {
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  return documents.filter(Boolean).flatMap((object) => (object.kind === "List" ? object.items : [object]));
}

/** What the app of a name is made of. */
export const ofApp = (objects, kind, name) =>
  objects.filter((object) => object.kind === kind && object.metadata.labels?.["app.kubernetes.io/name"] === name);

export const groupOf = ({ apiVersion }) => apiVersion.split("/")[0];

/** Of an Istio mesh, what it does with calls that nothing else is said of: from its operator's file or its ConfigMap. */
export function istioDefault(objects) {
  const operator = objects.find(({ kind }) => kind === "IstioOperator")?.spec?.meshConfig;
  const map = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "istio")?.data?.mesh;
  const config = operator ?? (map && parse(map));
  return config?.defaultHttpRetryPolicy;
}
