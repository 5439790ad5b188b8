import assert from "node:assert/strict";
import { agreedRemote, termsOf } from "../../../client/remote/agreement.js";
import { Restartable } from "../../../client/restartable.js";

const nothing = async (): Promise<void> => undefined;

/** Settings whose changes are announced as the editor does, and a server that is told of them. */
class House {
  readonly starts: string[] = [];
  readonly settings = { url: "", model: "", kind: "openai" };
  agreed: string | undefined;
  key: string | undefined;
  alive = 0;
  readonly server = new Restartable(
    async () => ({ ...agreedRemote(this.settings, this.agreed, true, this.key) }),
    async ({ url, model, key }) => {
      await Promise.resolve();
      assert.equal(++this.alive, 1);
      this.starts.push(url === undefined ? "alone" : `${model} at ${url} with ${key ?? "no key"}`);
    },
    async () => void this.alive--,
  );

  /** @param late whether the announcement comes after the writer has gone on */
  async write(name: "url" | "model", value: string, late = false): Promise<void> {
    this.settings[name] = value;
    if (late) setImmediate(() => void this.server.renewed());
    else void this.server.renewed();
    await Promise.resolve();
  }

  agree(url: string, model: string, key: string, late = false): Promise<void> {
    const change = async (): Promise<void> => {
      await this.write("url", url, late);
      // Long enough for a restart to come in between, if one could.
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      await this.write("model", model, late);
      this.key = key;
      this.agreed = termsOf(this.settings);
    };
    return this.server.renewed(Promise.resolve().then(change)).then(() => undefined);
  }

  /** Resolves when all that was announced is served. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.server.renewed();
  }
}

describe("a server that is told its settings when it starts", () => {
  for (const late of [false, true]) {
    it(`starts once for an agreement of several settings whose announcements come ${late ? "late" : "at once"}`, async () => {
      const house = new House();
      await house.server.started();
      await house.agree("http://a/v1", "seer", "1", late);
      assert.deepEqual(house.starts, ["alone", "seer at http://a/v1 with 1"]);
      await house.settled();
      assert.equal(house.starts.length, 2);

      await house.agree("http://b/v1", "oracle", "1", late);
      await house.settled();
      assert.deepEqual(house.starts.slice(2), ["oracle at http://b/v1 with 1"]);
      await house.agree("http://b/v1", "oracle", "2", late);
      await house.settled();
      assert.deepEqual(house.starts.slice(3), ["oracle at http://b/v1 with 2"]);
    });
  }

  it("goes on where what it would be told is what it was told", async () => {
    const house = new House();
    await house.server.started();
    await house.write("url", "http://a/v1");
    await house.settled();
    assert.deepEqual(house.starts, ["alone"]);
  });

  it("takes no request that it would not live to answer", async () => {
    const house = new House();
    await house.server.started();
    house.agreed = "b at http://a/v1";
    await house.write("url", "http://a/v1");
    for (const model of ["a", "b", "c", "b"]) await house.write("model", model);
    await house.server.started();
    assert.equal(house.starts.at(-1), "b at http://a/v1 with no key");
    const starts = house.starts.length;
    await house.settled();
    assert.equal(house.starts.length, starts, "it ended after it was given away");
    assert.ok(house.starts.length <= 3, house.starts.join(", "));
  });

  it("looks at what was changed before a change failed", async () => {
    const house = new House();
    await house.server.started();
    house.agreed = termsOf({ url: "http://a/v1", model: "seer", kind: "" });
    const change = async (): Promise<void> => {
      Object.assign(house.settings, { url: "http://a/v1", model: "seer" });
      await Promise.resolve();
      throw new Error("the key cannot be kept");
    };
    await house.server.renewed(change());
    assert.deepEqual(house.starts, ["alone", "seer at http://a/v1 with no key"]);
  });

  it("starts with what was changed while it was starting", async () => {
    const house = new House();
    house.agreed = termsOf({ url: "http://a/v1", model: "seer", kind: "" });
    const starting = house.server.started();
    await house.write("url", "http://a/v1");
    await starting;
    await house.write("model", "seer");
    await house.settled();
    assert.equal(house.starts.at(-1), "seer at http://a/v1 with no key");
    assert.equal(house.alive, 1);
  });

  it("is ended by who ends it while it is looked at", async () => {
    const house = new House();
    const renewing = house.server.renewed();
    await house.server.stop();
    await renewing;
    assert.equal(house.alive, 0);
    assert.equal(house.server.current, undefined);
  });

  it("tells why it does not start, and starts at the next change", async () => {
    let [told, tries] = ["bad", 0];
    const server = new Restartable(async () => told, async (with_) => {
      tries++;
      if (with_ === "bad") throw new Error("no such program");
      return with_;
    }, nothing);
    await assert.rejects(server.renewed(), /no such program/);
    told = "good";
    assert.equal(await server.renewed(), "good");
    assert.equal(await server.renewed(), "good");
    assert.equal(tries, 2);
  });
});
