export interface Edge {
  caller: string;
  callee: string;
  app: boolean;
  mesh: number;
  unsafe: string[];
}
export declare function retriesByEdge(objects: readonly unknown[], graph: unknown): Edge[];
