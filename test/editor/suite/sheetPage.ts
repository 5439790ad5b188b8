/** The page of a sheet (the dataset view, agreement, an evaluation, import and export), as its tests see it and press its buttons. */
import { inBrowser } from "./support.js";

/** In the page that is a sheet, which is the one with a status in its header. */
async function inSheet<R>(does: "wait" | "press" | "text", words: string): Promise<R> {
  return inBrowser(
    async ({ page }, [what, wanted]) => {
      const end = Date.now() + 60_000;
      let seen = "";
      while (Date.now() < end) {
        for (const frame of page.frames()) {
          const status = frame.locator("header > p.status[role=status]");
          if ((await status.count().catch(() => 0)) === 0 || !(await status.isVisible().catch(() => false))) continue;
          if (what === "text") return (await frame.locator("body").innerText()) as unknown;
          if (what === "press") {
            const button = frame.getByRole("button", { name: wanted, exact: true }).first();
            if ((await button.count().catch(() => 0)) === 0) continue;
            await button.click();
            return undefined;
          }
          seen = (await status.innerText().catch(() => "")) ?? "";
          if (seen.includes(wanted)) return undefined;
        }
        await page.waitForTimeout(50);
      }
      throw new Error(`No sheet had "${wanted}"; the last said "${seen}".`);
    },
    [does, words] as const,
  ) as Promise<R>;
}

export const sheetSays = (status: string): Promise<void> => inSheet("wait", status);
export const pressIn = (button: string): Promise<void> => inSheet("press", button);
export const sheetText = (): Promise<string> => inSheet("text", "");

/** The texts of a table's rows, in the sheet that shows. */
export async function rowsIn(heading: string): Promise<string[]> {
  return inBrowser(async ({ page }, name) => {
    for (const frame of page.frames()) {
      const section = frame.getByRole("region", { name: new RegExp(`^${name}`, "i") }).first();
      if (!(await section.isVisible().catch(() => false))) continue;
      return section.locator("tbody tr").allInnerTexts();
    }
    return [];
  }, heading);
}

/** Pictures that are drawn in the sheet that shows. */
export async function canvases(): Promise<number> {
  return inBrowser(async ({ page }) => {
    for (const frame of page.frames()) {
      const rows = frame.locator("table.rows");
      if ((await rows.count().catch(() => 0)) > 0 && (await rows.first().isVisible().catch(() => false))) return rows.locator("canvas").count();
    }
    return 0;
  }, undefined);
}

/** Chooses a value of one of the filters; "" for any. */
export async function chooseIn(filter: string, value: string): Promise<void> {
  await inBrowser(async ({ page }, [label, wanted]) => {
    for (const frame of page.frames()) {
      const select = frame.locator(`select[aria-label="${label}"]`).first();
      if (!(await select.isVisible().catch(() => false))) continue;
      await select.selectOption(wanted === "" ? "" : `=${wanted}`);
      return;
    }
    throw new Error(`There is no filter "${label}".`);
  }, [filter, value] as const);
}
