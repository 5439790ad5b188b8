import assert from "node:assert/strict";
import { Gathered } from "../../../client/gathered.js";
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
  readonly renewal = new Gathered(async () => void (await this.server.renewed()));

  /** @param late whether the announcement comes after the writer has gone on */
  async write(name: "url" | "model", value: string, late = false): Promise<void> {
    this.settings[name] = value;
    if (late) setImmediate(() => void this.renewal.ask());
    else void this.renewal.ask();
    await Promise.resolve();
  }

  agree(url: string, model: string, key: string, late = false): Promise<void> {
    return this.renewal.after(async () => {
      await this.write("url", url, late);
      // Long enough for a restart to come in between, if one could.
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      await this.write("model", model, late);
      this.key = key;
      this.agreed = termsOf(this.settings);
    });
  }

  /** Resolves when all that was announced is served. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.renewal.ask();
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

  it("gives one that lives where somebody else ended it meanwhile", async () => {
    const alive = new Set<number>();
    let [number, looked] = [0, 0];
    const server: Restartable<number, string> = new Restartable(
      async () => {
        if (++looked === 2) await server.stop();
        return "settings";
      },
      async () => {
        alive.add(++number);
        return number;
      },
      async (live) => void alive.delete(live),
    );
    const live = await server.renewed();
    assert.deepEqual([...alive], [live]);
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

describe("gathered work", () => {
  it("is done once for all who ask at once, and again for who asks while it is done", async () => {
    const done: string[] = [];
    const gathered = new Gathered(async () => {
      done.push("begin");
      if (done.length === 1) asked.push(gathered.ask());
      await Promise.resolve();
      done.push("end");
    });
    const asked = [gathered.ask(), gathered.ask()];
    await asked[0];
    assert.deepEqual(done, ["begin", "end", "begin", "end"]);
    await Promise.all(asked);
    await gathered.ask();
    assert.equal(done.length, 6);
  });

  it("waits for steps that begin while others are taken", async () => {
    const log: string[] = [];
    const gathered = new Gathered(async () => void log.push("work"));
    let second: Promise<void> | undefined;
    await gathered.after(async () => {
      void gathered.ask();
      await Promise.resolve();
      second = gathered.after(async () => {
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
        log.push("second");
      });
      log.push("first");
    });
    await second;
    assert.deepEqual(log, ["first", "second", "work"]);
  });

  it("is done for the steps that were taken before one failed", async () => {
    let done = 0;
    const gathered = new Gathered(async () => void done++);
    await assert.rejects(gathered.after(async () => {
      void gathered.ask();
      await Promise.resolve();
      throw new Error("the settings cannot be written");
    }), /cannot be written/);
    assert.equal(done, 1);
  });
});
