import assert from "node:assert/strict";
import { find, FIRST, PAGE, type Column, type Query, type Row } from "../../../client/sheet/table.js";

const COLUMNS: readonly Column[] = [{ id: "name", label: "Name" }, { id: "type", label: "Type", filter: true }, { id: "n", label: "N", numeric: true }, { id: "more", label: "", hidden: true }];
const ROWS: readonly Row[] = [
  ["clip 10", "colour", "9 %", "a Red star"],
  ["clip 9", "count", "10.5 %", ""],
  ["clip 1", "colour", "", "a blue star"],
  ["Clip 2", "", "-3", ""],
].map((cells, i) => ({ id: `r${i}`, cells }));
const ids = (query: Partial<Query>): string => find(COLUMNS, ROWS, { ...FIRST, ...query }).rows.map(({ id }) => id).join(" ");

describe("a table of a sheet", () => {
  it("finds all words wherever they stand, also where nobody sees them", () => {
    assert.equal(ids({ search: " STAR red" }), "r0");
    assert.equal(ids({ search: "clip" }), "r0 r1 r2 r3");
    assert.equal(ids({ search: "nothing" }), "");
  });

  it("filters by whole values, and counts what each value would leave", () => {
    assert.equal(ids({ filters: { type: "colour" } }), "r0 r2");
    assert.equal(ids({ filters: { type: "col" } }), "");
    const found = find(COLUMNS, ROWS, { ...FIRST, search: "clip", filters: { type: "count" } });
    assert.deepEqual(found.values, { type: [{ value: "colour", count: 2 }, { value: "count", count: 1 }] });
    assert.deepEqual([found.matching, found.total], [1, 4]);
  });

  it("filters by one of several values", () => {
    const columns: readonly Column[] = [{ id: "who", label: "Who", filter: true, many: true }];
    const rows = [["ann, bo"], ["bo"], [""]].map((cells, i) => ({ id: `r${i}`, cells }));
    const found = find(columns, rows, { ...FIRST, filters: { who: "bo" } });
    assert.deepEqual(found.rows.map(({ id }) => id), ["r0", "r1"]);
    assert.deepEqual(found.values, { who: [{ value: "bo", count: 2 }, { value: "ann", count: 1 }] });
  });

  it("sorts words as people do, numbers as numbers, and what has no value last", () => {
    assert.equal(ids({ sort: { column: "name", descending: false } }), "r2 r3 r1 r0");
    assert.equal(ids({ sort: { column: "name", descending: true } }), "r0 r1 r3 r2");
    assert.equal(ids({ sort: { column: "n", descending: false } }), "r3 r0 r1 r2");
    assert.equal(ids({ sort: { column: "n", descending: true } }), "r1 r0 r3 r2");
    const german = ROWS.map(({ id, cells }) => ({ id, cells: cells.map((cell) => cell.replace(".", ",")) }));
    assert.equal(find(COLUMNS, [...german, { id: "r4", cells: ["", "", "−12,25", ""] }, { id: "r5", cells: ["", "", "10,25", ""] }], { ...FIRST, sort: { column: "n", descending: false } }, "de").rows.map(({ id }) => id).join(" "), "r4 r3 r0 r5 r1 r2");
    assert.equal(ids({ sort: { column: "no such", descending: true } }), "r0 r1 r2 r3");
  });

  it("gives so many rows and no more, and says how many there are", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ id: String(i), cells: [`clip ${i}`, `type ${i % 300}`, String(i), ""] }));
    const found = find(COLUMNS, many, FIRST);
    assert.deepEqual([found.rows.length, found.matching], [PAGE, 5000]);
    assert.equal(found.values["type"]?.length, 200, "longer lists help nobody choose");
  });
});
