export declare const NATS_VERSION: string;
export declare const NATS_OLDEST: string;
export declare function cachedNatsServer(env?: NodeJS.ProcessEnv): string;
export declare function findNatsServer(env?: NodeJS.ProcessEnv): { path?: string; rejected: string[] };
export declare function unusable(path: string): string | undefined;
