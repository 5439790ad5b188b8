import { strict as assert } from "node:assert";
import { VqaError, type ErrorCode } from "../../server/src/engine/errors.js";

/** For `assert.throws` and `assert.rejects`: a VqaError of this code whose message holds `part`. */
export function vqaError(code: ErrorCode, part: string | RegExp = ""): (thrown: unknown) => true {
  return (thrown) => {
    assert.ok(thrown instanceof VqaError, `not a VqaError: ${String(thrown)}`);
    assert.equal(thrown.code, code, thrown.message);
    const found = typeof part === "string" ? thrown.message.includes(part) : part.test(thrown.message);
    assert.ok(found, `"${thrown.message}" does not hold ${part}`);
    return true;
  };
}
