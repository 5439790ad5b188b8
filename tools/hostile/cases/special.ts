/** What is no file, and links. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { CLOSED, REFUSED, type HostileCase } from "../case.js";

const posix = process.platform !== "win32";

function fifo(path: string): string | undefined {
  return posix && spawnSync("mkfifo", [path]).status === 0 ? path : undefined;
}

function link(target: string, path: string): string | undefined {
  try {
    symlinkSync(target, path);
    return path;
  } catch {
    // Windows gives links to administrators only.
    return undefined;
  }
}

/** The socket file stays when its server has gone. */
async function socket(path: string): Promise<string | undefined> {
  if (!posix) return undefined;
  const server = createServer();
  await new Promise<void>((done, fail) => server.once("error", fail).listen(path, done));
  spawnSync("ln", [path, `${path}.mp4`]);
  await new Promise((done) => server.close(done));
  return existsSync(`${path}.mp4`) ? `${path}.mp4` : undefined;
}

const device = (path: string): HostileCase => ({ kind: "special file", name: path, make: () => (existsSync(path) ? path : undefined), expect: REFUSED });

export const SPECIAL: readonly HostileCase[] = [
  {
    kind: "special file",
    name: "a folder",
    make: ({ folder }) => {
      const path = join(folder, "clip.mp4");
      mkdirSync(path);
      return path;
    },
    expect: REFUSED,
  },
  { kind: "special file", name: "a pipe that nobody writes to", make: ({ folder }) => fifo(join(folder, "clip.mp4")), expect: REFUSED },
  { kind: "special file", name: "a socket", make: ({ folder }) => socket(join(folder, "s")), expect: REFUSED },
  device("/dev/zero"),
  device("/dev/urandom"),
  device("/dev/stdin"),
  device("/dev/tty"),
  { kind: "special file", name: "/proc/self/environ", make: () => (existsSync("/proc/self/environ") ? "/proc/self/environ" : undefined), expect: ["video-empty"] },
  {
    kind: "special file",
    name: "an empty file",
    make: ({ folder }) => {
      writeFileSync(join(folder, "clip.mp4"), "");
      return join(folder, "clip.mp4");
    },
    expect: ["video-empty"],
  },
  {
    kind: "special file",
    name: "8 GiB of zeros (sparse)",
    make: ({ folder }) => sparse(join(folder, "clip.mp4"), 8 * 2 ** 30),
    expect: CLOSED,
    slow: true,
  },
  { kind: "special file", name: "more than 64 GiB (sparse)", make: ({ folder }) => sparse(join(folder, "clip.mp4"), 65 * 2 ** 30), expect: ["limit-exceeded"] },
  { kind: "link", name: "to a pipe", make: ({ folder }) => fifo(join(folder, "pipe")) && link("pipe", join(folder, "clip.mp4")), expect: REFUSED },
  { kind: "link", name: "to /dev/zero", make: ({ folder }) => (existsSync("/dev/zero") ? link("/dev/zero", join(folder, "clip.mp4")) : undefined), expect: REFUSED },
  { kind: "link", name: "to itself", make: ({ folder }) => link("clip.mp4", join(folder, "clip.mp4")), expect: ["video-unreadable"] },
  { kind: "link", name: "to nothing", make: ({ folder }) => link("nothing.mp4", join(folder, "clip.mp4")), expect: ["video-not-found"] },
  {
    kind: "link",
    name: "to a text of the system",
    make: ({ folder }) => (existsSync("/etc/passwd") ? link("/etc/passwd", join(folder, "clip.mp4")) : undefined),
    expect: ["video-unreadable"],
  },
];

/** Undefined where the disk has no holes or not that much room in its files. */
function sparse(path: string, bytes: number): string | undefined {
  try {
    writeFileSync(path, "");
    truncateSync(path, bytes);
    return path;
  } catch {
    return undefined;
  }
}
