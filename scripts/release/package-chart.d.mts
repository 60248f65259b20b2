export function packageChart(options: { version: string; registry: string; folder: string; helm?: string }): string;
