/**
 * Loaded before the command line by a test: notes every question that it sends to a worker, and holds
 * those whose numbers stand in `VQA_TEST_HOLD` ("2,6", from 1) for as long as the file
 * `VQA_TEST_HELD.NUMBER` lies there, which it makes, or none once `VQA_TEST_HELD.free` is there. So a test acts at an exact point of a batch,
 * however fast or slow the machine is.
 */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { onAsked } from "./asked.js";

const holds = new Set((process.env["VQA_TEST_HOLD"] ?? "").split(",").filter((number) => number !== "").map(Number));
const held = process.env["VQA_TEST_HELD"] ?? "";
let asked = 0;

onAsked((request, send, worker) => {
  appendFileSync(`${held}.asked`, `${JSON.stringify([request.video, request.question])}\n`);
  const number = ++asked;
  if (!holds.has(number) || existsSync(`${held}.free`)) return send();
  const file = `${held}.${number}`;
  writeFileSync(file, "");
  const look = setInterval(() => {
    if (existsSync(file) && !existsSync(`${held}.free`)) return;
    clearInterval(look);
    if (worker.connected) send();
  }, 10);
  return true;
});
