/** The program that looks at the hardware: started by `examine.ts`. Drivers can end it, and that costs nobody else. */
import { look } from "./steps.js";
import type { FromExaminer, Start } from "./messages.js";

const { send } = process;
if (send === undefined) {
  console.error("This program is started by `vqa doctor`.");
  process.exit(2);
}
const tell = (message: FromExaminer): Promise<void> => new Promise((resolve) => send.call(process, message, undefined, undefined, () => resolve()));
process.once("disconnect", () => process.exit(0));

process.once("message", ({ steps, options }: Start) => {
  void (async () => {
    for (const step of steps) {
      // It has to have left before a driver ends us.
      await tell({ type: "begin", step });
      // What fails is not found; why, is part of what each look gives.
      const part = await look(step, options).catch((thrown: unknown) => {
        console.error(`${step}: ${(thrown as Error).message}`);
        return {};
      });
      await tell({ type: "found", step, part });
    }
    await tell({ type: "done" });
    process.exit(0);
  })();
});
