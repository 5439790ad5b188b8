/**
 * Loaded before all tests: properties draw the same cases in every run, so that a run that fails
 * fails again. `VQA_SEED=random npm test` looks for new ones, `VQA_SEED=123 npm test` repeats them;
 * what is found becomes a unit test.
 */
import fc from "fast-check";

const wanted = process.env["VQA_SEED"];
const seed = wanted === "random" ? undefined : Number(wanted ?? 1);
if (seed !== undefined && !Number.isInteger(seed)) throw new Error(`VQA_SEED is "${wanted}": give a whole number or "random".`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), ...(seed === undefined ? {} : { seed }) });
