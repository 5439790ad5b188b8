/** A real Redis of a test's own, that dies and comes back, and a line to it that can be cut. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { gone, until } from "./processes.js";

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class TestRedis {
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly bind: string,
    private readonly prefix: readonly string[],
  ) {}

  /**
   * @param folder where it keeps what it knows
   * @param bind the address that it listens on
   * @param prefix a command that the server is run by, such as one of another network namespace
   */
  static async start(folder: string, bind = "127.0.0.1", prefix: readonly string[] = []): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), folder, bind, prefix);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://${this.bind}:${this.port}`;
  }

  async start(): Promise<void> {
    // Everything is on the disk before it is confirmed; a kill must not be milder than that of the machine.
    const [program = "redis-server", ...args] = [...this.prefix, "redis-server", "--port", String(this.port), "--bind", this.bind, "--protected-mode", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", this.folder];
    this.#process = spawn(program, args, { stdio: "ignore" });
    await until(() => this.command("ping").includes("PONG"), { what: `Redis at ${this.url}` });
  }

  command(...args: readonly string[]): string {
    const [program = "redis-cli", ...rest] = [...this.prefix, "redis-cli", "-h", this.bind, "-p", String(this.port), ...args];
    return spawnSync(program, rest, { encoding: "utf8" }).stdout;
  }

  async kill(): Promise<void> {
    const { pid } = this.#process ?? {};
    this.#process?.kill("SIGKILL");
    if (pid !== undefined) await gone(pid);
  }
}

/**
 * A line between two ports. It is `open`, or `cut`, so that every connection breaks; or `silent`, as a
 * proxy before a machine that is gone: connections stay and come, and nothing ever comes back.
 */
export class Cable {
  readonly #sockets = new Set<Socket>();
  readonly #pipes: (() => void)[] = [];
  #server: Server | undefined;
  #state: "open" | "cut" | "silent" = "open";

  async lay(to: number): Promise<number> {
    this.#server = createServer((near) => {
      this.#keep(near);
      if (this.#state === "cut") near.destroy();
      if (this.#state !== "open") return;
      const far = this.#keep(connect(to, "127.0.0.1"));
      near.on("close", () => far.destroy());
      far.on("close", () => near.destroy());
      near.pipe(far).pipe(near);
      this.#pipes.push(() => near.unpipe(far).resume() && far.unpipe(near).resume());
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    return (this.#server?.address() as AddressInfo).port;
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
  }

  become(state: "open" | "cut" | "silent"): void {
    this.#state = state;
    if (state === "cut") for (const socket of this.#sockets) socket.destroy();
    if (state === "silent") for (const unplug of this.#pipes) unplug();
  }

  close(): void {
    this.become("cut");
    this.#server?.close();
  }
}
