/** The parts of Kubernetes' objects that the doctor reads. */
export type Meta = {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly deletionTimestamp?: string;
  };
};

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
};

export type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly imageID: string;
  readonly containerID?: string;
  readonly state: State;
  readonly lastState?: State;
};

type State = {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: { readonly reason: string; readonly exitCode: number; readonly finishedAt: string };
};

type EnvVar = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: SecretKey };
};

export type SecretKey = { readonly name: string; readonly key: string; readonly optional?: boolean };

type Container = { readonly name: string; readonly image: string; readonly env?: readonly EnvVar[] };

type PodSpec = {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly imagePullSecrets?: readonly { readonly name: string }[];
};

export type Pod = Meta & {
  readonly kind: "Pod";
  readonly spec: PodSpec;
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
};

export type Workload = Meta & {
  readonly kind: "Deployment" | "StatefulSet";
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: PodSpec } };
  readonly status: { readonly readyReplicas?: number; readonly conditions?: readonly Condition[] };
};

export type Service = Meta & {
  readonly kind: "Service";
  readonly spec: { readonly clusterIP?: string; readonly ports?: readonly { name: string; port: number }[] };
};
export type Volume = Meta & {
  readonly kind: "PersistentVolumeClaim";
  readonly spec: { readonly storageClassName?: string };
  readonly status: { readonly phase: string };
};
export type Policy = Meta & {
  readonly kind: "NetworkPolicy";
  readonly spec?: { readonly egress?: readonly { readonly to?: readonly Peer[] }[] };
};
/** Where a rule of a policy leads. */
type Peer = { readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } };
/** The addresses of a Service's pods, or of the API server. */
export type EndpointSlice = Meta & { readonly endpoints: readonly { readonly addresses: readonly string[] }[] };
export type Autoscaler = Meta & {
  readonly kind: "HorizontalPodAutoscaler";
  readonly spec: { readonly maxReplicas: number };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
};

export type KubeObject = Pod | Workload | Service | Volume | Policy | Autoscaler;

const COMPONENT = "app.kubernetes.io/name";
export const INSTANCE = "app.kubernetes.io/instance";

/** `orders`, with any name of the release. */
export const componentOf = ({ metadata }: Meta): string => metadata.labels?.[COMPONENT] ?? metadata.name;

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
