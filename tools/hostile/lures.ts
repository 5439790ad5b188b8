/**
 * Files and an address that nobody may touch. Whether a file was read shows in its access time: it is
 * set far back, and systems move it on at the first read after that (`relatime`); where they do not,
 * `watched` is false and only strace can tell.
 */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const LONG_AGO = new Date(Date.UTC(2001, 0, 1));

export class Lures {
  readonly #paths: string[] = [];
  readonly #knocks: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly address: string,
    /** Reading a file moves its access time here. */
    readonly watched: boolean,
  ) {}

  /** @param folder where access times are tried out */
  static async lay(folder: string): Promise<Lures> {
    const probe = join(folder, "watched");
    put(probe, "x");
    readFileSync(probe);
    const watched = wasRead(probe);
    rmSync(probe);
    const server = createServer((_, response) => void response.end());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const lures = new Lures(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, watched);
    server.on("request", ({ url }) => lures.#knocks.push(url ?? ""));
    return lures;
  }

  file(path: string, content: Buffer): string {
    put(path, content);
    this.#paths.push(path);
    return path;
  }

  /** Files that were read and addresses that were asked since the last call; forgets them. */
  touched(): string[] {
    const found = [...this.#paths.filter((path) => this.watched && wasRead(path)), ...this.#knocks];
    this.#paths.length = 0;
    this.#knocks.length = 0;
    return found;
  }

  close(): Promise<void> {
    return new Promise((done) => this.server.close(() => done()));
  }
}

function put(path: string, content: Buffer | string): void {
  writeFileSync(path, content);
  utimesSync(path, LONG_AGO, new Date());
}

const wasRead = (path: string): boolean => statSync(path).atimeMs !== LONG_AGO.getTime();
