export declare function packageIndex(env?: NodeJS.ProcessEnv): string;
export declare function findInIndex(index: string, project: string, file: string): Promise<string>;
