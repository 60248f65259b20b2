import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

/** How a process that lost its owner is ended, and a folder to delete after it. */
export type LeashOptions = { signal: NodeJS.Signals; remove?: string | undefined };

/** Ties a process to this one. */
export type Leash = {
  /** Watches over this process from now on, in place of an earlier one. */
  hold(child: ChildProcess): void;
  /** Lets go: nothing is ended or deleted. */
  release(): void;
};

// Each line of its input names the process to watch (0: none). The input ends when its owner does, even by SIGKILL:
// then the process is ended, by force after 10 s.
const script = `
trap '' INT TERM HUP
pid=0
while read -r line; do [ "$line" = release ] && exit 0; pid=$line; done
if [ "$pid" -gt 0 ]; then
  kill -s "$1" "$pid"
  n=0; while kill -0 "$pid" && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL "$pid"
fi
[ -z "$2" ] || rm -rf "$2"`;

/**
 * Ends a process when this one dies, however it dies: for servers that do not watch their parent.
 * A small shell holds the other end of a pipe; it costs under a megabyte and never outlives what it watches by long.
 */
export function leash({ signal, remove = "" }: LeashOptions): Leash {
  const args = ["-c", script, "leash", signal.replace("SIG", ""), remove];
  const watcher = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  watcher.unref();
  watcher.stdin.on("error", () => {}); // The watcher was killed: there is nobody left to tell.
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  let held: ChildProcess | undefined;
  return {
    hold: (child) => {
      held = child;
      watcher.stdin.write(`${child.pid ?? 0}\n`);
      child.once("exit", () => {
        if (held === child) watcher.stdin.write("0\n");
      });
    },
    release: () => void watcher.stdin.end("release\n"),
  };
}
