import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

/** How processes that lost their owner are ended, and a folder to delete after them. */
export type LeashOptions = { signal: NodeJS.Signals; remove?: string | undefined };

/** Ties processes to this one. */
export type Leash = {
  /** Watches over one more process until it ends. */
  hold(child: ChildProcess): void;
  /** Lets go: nothing is ended or deleted. */
  release(): void;
};

// Each line of its input lists the processes to watch. The input ends when its owner does, even by SIGKILL: then they are
// ended, by force after 10 s.
const script = `
trap '' INT TERM HUP
pids=
while read -r line; do [ "$line" = release ] && exit 0; pids=$line; done
alive() { for pid in $pids; do kill -0 "$pid" && return 0; done; return 1; }
for pid in $pids; do kill -s "$1" "$pid"; done
n=0; while alive && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
for pid in $pids; do kill -s KILL "$pid"; done
[ -z "$2" ] || rm -rf "$2"`;

/**
 * Ends processes when this one dies, however it dies: for those that do not watch their parent.
 * A small shell holds the other end of a pipe; it costs under a megabyte and never outlives what it watches by long.
 */
export function leash({ signal, remove = "" }: LeashOptions): Leash {
  const args = ["-c", script, "leash", signal.replace("SIG", ""), remove];
  const watcher = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  watcher.unref();
  watcher.stdin.on("error", () => {}); // The watcher was killed: there is nobody left to tell.
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  const held = new Set<number>();
  const tell = () => watcher.stdin.writable && watcher.stdin.write(`${[...held].join(" ")}\n`);
  return {
    hold: (child) => {
      const { pid } = child;
      if (pid === undefined) return;
      held.add(pid);
      tell();
      child.once("exit", () => {
        held.delete(pid);
        tell();
      });
    },
    release: () => void watcher.stdin.end("release\n"),
  };
}
