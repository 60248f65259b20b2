/** The apps that have an image. */
export const apps: string[];

/** The apps whose images a change of these files changes. */
export function affected(files: readonly string[]): string[];
