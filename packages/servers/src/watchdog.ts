import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

/** The signal that ends processes after their owner has ended, and a folder to delete after them. */
export type WatchdogOptions = { signal: NodeJS.Signals; remove?: string | undefined };

/** Ends processes when this one ends. */
export type Watchdog = {
  /** Adds a process until it ends. */
  hold(child: ChildProcess): void;
  /** Stops the watchdog; it ends and deletes nothing. */
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
 * Starts a watchdog. It ends its processes when this process ends for any reason, for processes that do not watch their parent.
 * It is a small shell at the other end of a pipe: it takes under a megabyte and ends soon after its processes.
 */
export function startWatchdog({ signal, remove = "" }: WatchdogOptions): Watchdog {
  const args = ["-c", script, "watchdog", signal.replace("SIG", ""), remove];
  const watcher = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  watcher.unref();
  watcher.stdin.on("error", () => {}); // The watcher was killed: no receiver is left.
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  const held = new Set<number>();
  const sendList = () => watcher.stdin.writable && watcher.stdin.write(`${[...held].join(" ")}\n`);
  return {
    hold: (child) => {
      const { pid } = child;
      if (pid === undefined) return;
      held.add(pid);
      sendList();
      child.once("exit", () => {
        held.delete(pid);
        sendList();
      });
    },
    release: () => void watcher.stdin.end("release\n"),
  };
}
