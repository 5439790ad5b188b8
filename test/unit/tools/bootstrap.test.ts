import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { repoRoot } from "../../support/repo.js";

interface Lock {
  readonly packages: Record<string, { readonly version?: string; readonly optional?: boolean; readonly integrity?: string; readonly optionalDependencies?: Record<string, string> }>;
}

/** The bootstrap is plain JavaScript outside of the build: it has to run before there is one. */
async function load<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(repoRoot, "tools", "bootstrap", name)).href)) as T;
}

const { mismatch, explain } = await load<{
  mismatch(lock: Lock, present: Lock | undefined): string | undefined;
  explain(args: readonly string[], text: string, noNpm: boolean): Error & { next: string };
}>("packages.mjs");
const { llamaPackages, GPU_VARIANT } = await load<{
  llamaPackages(platform: string, gpu: string | undefined): { base: string | undefined; gpu: string[]; unknown: string[] };
  GPU_VARIANT: RegExp;
}>("platform.mjs");
const { fingerprint } = await load<{ fingerprint(root: string): string }>("build.mjs");
const { systemFfmpeg } = await load<{ systemFfmpeg(env: Record<string, string>): string | undefined }>("decoder.mjs");

const lock = JSON.parse(readFileSync(join(repoRoot, "package-lock.json"), "utf8")) as Lock;

describe("the lock file", () => {
  it("brings no GPU variant, which nobody asked for", () => {
    const named = Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ""));
    assert.ok(named.includes("@node-llama-cpp/linux-x64"));
    assert.deepEqual(named.filter((name) => GPU_VARIANT.test(name)), []);
  });

  it("holds everything that its packages name, or npm ci refuses it", () => {
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) => ![`${path}/node_modules/${name}`, `node_modules/${name}`].some((at) => at in lock.packages)),
    );
    assert.deepEqual(missing, []);
  });

  it("names no registry and has a checksum for every package", () => {
    assert.ok(!JSON.stringify(lock).includes('"resolved"'));
    for (const [path, entry] of Object.entries(lock.packages)) if (path !== "") assert.match(entry.integrity ?? "", /^sha512-/, path);
  });
});

describe("what is installed", () => {
  const wanted: Lock = { packages: { "": {}, "node_modules/a": { version: "1.0.0", integrity: "x" }, "node_modules/b": { version: "2.0.0", integrity: "y", optional: true } } };

  it("is in order when it agrees, extra packages or not", () => {
    assert.equal(mismatch(wanted, { packages: { ...wanted.packages, "node_modules/c": { version: "1.0.0" } } }), undefined);
  });

  it("is in order without an optional package, which may be another platform's", () => {
    const { "node_modules/b": _, ...rest } = wanted.packages;
    assert.equal(mismatch(wanted, { packages: rest }), undefined);
  });

  it("is outdated when a package is missing or another version", () => {
    assert.match(mismatch(wanted, undefined) ?? "", /nothing is installed/);
    assert.match(mismatch(wanted, { packages: {} }) ?? "", /node_modules\/a is not installed/);
    assert.match(mismatch(wanted, { packages: { "node_modules/a": { version: "1.1.0", integrity: "x" } } }) ?? "", /a is 1\.1\.0, wanted 1\.0\.0/);
    assert.match(mismatch(wanted, { packages: { "node_modules/a": { version: "1.0.0", integrity: "x" }, "node_modules/b": { version: "1.9.0" } } }) ?? "", /b is 1\.9\.0/);
  });
});

describe("the binaries of a platform", () => {
  it("are for the processor unless somebody asks for more", () => {
    assert.deepEqual(llamaPackages("linux-x64", undefined), { base: "@node-llama-cpp/linux-x64", gpu: [], unknown: [] });
    assert.deepEqual(llamaPackages("linux-x64", "vulkan").gpu, ["@node-llama-cpp/linux-x64-vulkan"]);
    assert.equal(llamaPackages("linux-x64", "all").gpu.length, 3);
    assert.deepEqual(llamaPackages("win32-x64", "cuda").gpu, ["@node-llama-cpp/win-x64-cuda", "@node-llama-cpp/win-x64-cuda-ext"]);
  });

  it("are refused by name where they do not exist", () => {
    assert.deepEqual(llamaPackages("linux-x64", "rocm,cuda").unknown, ["rocm"]);
    assert.deepEqual(llamaPackages("darwin-arm64", "cuda").unknown, ["cuda"]);
    assert.equal(llamaPackages("sunos-x64", undefined).base, undefined);
  });
});

describe("a failed installation", () => {
  const cases: readonly (readonly [stderr: string, message: RegExp, next: RegExp])[] = [
    ["npm error code ENOTFOUND\nnpm error getaddrinfo registry.example", /could not be reached[\s\S]*getaddrinfo/, /npm config get registry/],
    ["npm error code ECONNREFUSED", /could not be reached/, /proxy/],
    ["npm error code ENOSPC\nnpm error no space left on device, write", /disk is full/i, /room/],
    ["npm error code E401\nnpm error Unable to authenticate", /refused access/, /npm login/],
    ["npm error code EINTEGRITY", /does not match the lock file/, /cache/],
    ["npm error code EACCES\nnpm error path /usr/lib", /could not be written/, /owns/],
    ["npm error code SELF_SIGNED_CERT_IN_CHAIN", /certificate/, /NODE_EXTRA_CA_CERTS/],
    ["npm error code EWHATEVER", /npm ci failed[\s\S]*EWHATEVER/, /Run that command/],
  ];
  for (const [stderr, message, next] of cases) {
    it(`is explained: ${stderr.split("\n")[0]}`, () => {
      const error = explain(["ci"], stderr, false);
      assert.match(error.message, message);
      assert.match(error.next, next);
    });
  }

  it("is explained when npm itself is missing", () => assert.match(explain(["ci"], "spawn npm ENOENT", true).next, /apt-get install npm/));
});

describe("the build", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vqa-build-"));
    mkdirSync(join(folder, "server", "src", "room"), { recursive: true });
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ include: ["server/src", "test"] }));
    for (const name of ["package-lock.json", "server/src/a.ts", "server/src/room/b.ts"]) writeFileSync(join(folder, name), "{}");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is outdated after a change, an addition or a removal, and only then", () => {
    const before = fingerprint(folder);
    assert.equal(fingerprint(folder), before);
    utimesSync(join(folder, "server/src/room/b.ts"), 1, 1);
    const touched = fingerprint(folder);
    assert.notEqual(touched, before);
    writeFileSync(join(folder, "server/src/c.ts"), "");
    const added = fingerprint(folder);
    assert.notEqual(added, touched);
    rmSync(join(folder, "server/src/c.ts"));
    assert.equal(fingerprint(folder), touched);
    writeFileSync(join(folder, "server/src/notes.md"), "");
    assert.equal(fingerprint(folder), touched);
  });
});

describe("looking for ffmpeg", () => {
  it("takes FFMPEG_PATH first, then PATH, and nothing that is not a program", function () {
    if (process.platform === "win32") return this.skip();
    const folder = mkdtempSync(join(tmpdir(), "vqa-path-"));
    try {
      const [empty, good] = [join(folder, "empty"), join(folder, "good")];
      for (const dir of [empty, good]) mkdirSync(dir);
      writeFileSync(join(empty, "ffmpeg"), "", { mode: 0o755 });
      writeFileSync(join(good, "ffmpeg"), "#!/bin/sh\n", { mode: 0o755 });
      assert.equal(systemFfmpeg({ PATH: [empty, good].join(delimiter) }), join(good, "ffmpeg"));
      assert.equal(systemFfmpeg({ PATH: empty }), undefined);
      assert.equal(systemFfmpeg({ PATH: "", FFMPEG_PATH: join(good, "ffmpeg") }), join(good, "ffmpeg"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a fresh clone without a registry", () => {
  it("fails with the reason and the next step, and can be tried again", async function () {
    const folder = mkdtempSync(join(tmpdir(), "vqa-clone-"));
    try {
      cpSync(join(repoRoot, "tools", "bootstrap"), join(folder, "tools", "bootstrap"), { recursive: true });
      for (const name of ["tools/bootstrap.mjs", "package.json", "package-lock.json", ".npmrc"]) cpSync(join(repoRoot, name), join(folder, name));
      const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${await deadPort()}`, npm_config_cache: join(folder, "cache") };
      for (const attempt of [1, 2]) {
        const { status, stderr } = spawnSync(process.execPath, [join(folder, "tools", "bootstrap.mjs")], { encoding: "utf8", env });
        assert.equal(status, 1, `attempt ${attempt}: ${stderr}`);
        assert.match(stderr, /The npm registry could not be reached[\s\S]*npm config get registry/);
        assert.doesNotMatch(stderr, /\n {4}at /);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** A port that nobody listens on. */
  async function deadPort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
  }
});

describe("a second run", () => {
  it("finds nothing to do and says nothing", function () {
    // Somebody at work on the sources has a build that is out of date for good reason.
    const stamp = join(repoRoot, "out", ".build-stamp");
    let built: string;
    try {
      built = readFileSync(stamp, "utf8");
    } catch {
      return this.skip();
    }
    if (built !== fingerprint(repoRoot)) return this.skip();
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(repoRoot, "tools", "bootstrap.mjs")], { encoding: "utf8" });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
  });
});

describe("the third-party notices", () => {
  const notices = readFileSync(join(repoRoot, "THIRD-PARTY-NOTICES.md"), "utf8");
  const manifest = JSON.parse(readFileSync(join(repoRoot, "package.json"), "utf8")) as Record<"dependencies" | "optionalDependencies", Record<string, string>>;

  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    it(`name ${name} ${version} with its licence`, function () {
      const row = notices.split("\n").find((line) => line.startsWith(`| ${name} | ${version} |`));
      assert.ok(row !== undefined, `${name} ${version} is not listed`);
      let installed: { license?: string };
      try {
        installed = JSON.parse(readFileSync(join(repoRoot, "node_modules", name, "package.json"), "utf8")) as typeof installed;
      } catch {
        return this.skip();
      }
      assert.equal(row.split("|")[3]?.trim(), installed.license);
    });
  }
});
