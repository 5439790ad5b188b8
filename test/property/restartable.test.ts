import assert from "node:assert/strict";
import fc from "fast-check";
import { Restartable } from "../../client/restartable.js";

describe("restartable", () => {
  const steps = fc.array(fc.constantFrom("start", "stop", "restart", "set"), { minLength: 1, maxLength: 12 });
  const failures = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });

  it("never has two alive, and what is asked for last is there, in whatever order things begin and end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, failures, async (scheduler, commands, fails) => {
        const alive = new Set<number>();
        let [launched, most, told, set] = [0, 0, -1, 0];
        const restartable = new Restartable<number, number>(
          async () => set,
          async (given) => {
            told = given;
            const number = launched++;
            alive.add(number);
            most = Math.max(most, alive.size);
            await scheduler.schedule(Promise.resolve(), `launch ${number}`);
            if (fails[number % fails.length] !== true) return number;
            alive.delete(number);
            throw new Error(`launch ${number} fails`);
          },
          async (number) => {
            await scheduler.schedule(Promise.resolve(), `end ${number}`);
            alive.delete(number);
          },
        );
        const start = (): Promise<unknown> => restartable.started().catch(() => undefined);
        const renew = (): Promise<unknown> => {
          set++;
          return restartable.renewed().catch(() => undefined);
        };
        const doing: Promise<unknown>[] = [];
        scheduler.scheduleSequence(
          commands.map((name) => ({
            label: name,
            builder: async () => void doing.push(name === "start" ? start() : name === "stop" ? restartable.stop() : name === "set" ? renew() : restartable.stop().then(start)),
          })),
        );
        await scheduler.waitFor((async () => {
          // Commands run side by side; only their beginnings are in order.
          while (doing.length < commands.length) await scheduler.schedule(Promise.resolve(), "commands");
          await Promise.all(doing);
        })());
        assert.ok(most <= 1, `${most} were alive at once`);
        fails.fill(false);
        const last = await scheduler.waitFor(restartable.renewed());
        assert.equal(told, set);
        assert.deepEqual([...alive], [last]);
        await scheduler.waitFor(restartable.stop());
        assert.equal(alive.size, 0);
        assert.equal(restartable.current, undefined);
      }),
    );
  });

  it("tells why it does not start, and tries again", async () => {
    let tries = 0;
    const restartable = new Restartable<string, undefined>(async () => undefined, async () => {
      if (tries++ === 0) throw new Error("no memory");
      return "there";
    }, async () => undefined);
    await assert.rejects(restartable.started(), /no memory/);
    assert.equal(await restartable.started(), "there");
  });
});
