/** Mocha's usual report, and the numbers of it for whoever adds up several suites. */
import Mocha from "mocha";
import { TALLY_FILE, writeTally } from "./tally.js";

export default class TallyReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const path = process.env[TALLY_FILE];
    if (path === undefined) return;
    // The runner counts the failures of hooks, too.
    runner.once("end", () => writeTally(path, { passed: this.stats.passes, failed: this.stats.failures, skipped: this.stats.pending }));
  }
}
