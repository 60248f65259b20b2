export interface WheelPins {
  readonly project: string;
  readonly version: string;
  readonly platforms: Readonly<Record<string, { readonly file: string; readonly binarySha256: string }>>;
}
export interface SourceOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: string;
  readonly pins?: WheelPins;
}
export type Bring = (folder: string, options?: SourceOptions) => Promise<string>;
export declare const sources: readonly { readonly title: string; readonly bring: Bring }[];
export declare const fromWheel: Bring;
export declare const fromRelease: Bring;
export declare const fromGo: Bring;
