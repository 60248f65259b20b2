/** Writes an app as few files into `folder`, which is emptied before. */
export function bundleApp(options: { app: string; folder: string; target?: string }): Promise<void>;
