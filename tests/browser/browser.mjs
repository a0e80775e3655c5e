// The browser, and what each of its pages said.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

/// The widths and colour schemes in which each page is looked at.
export const looks = [1440, 390].flatMap((width) => ["light", "dark"].map((scheme) => ({ width, scheme })));

/// The script of axe. It comes into a page by the driver, since the page's policy would refuse it.
export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/// What pages said on the console, errors and violations of the policy among it.
export const said = [];

export const launched = () =>
  puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--force-color-profile=srgb"],
  });

export async function open(browser) {
  const page = await browser.newPage();
  page.on("console", (message) => said.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`${page.url()}: ${error}`));
  page.on("dialog", (dialog) => {
    said.push(`${page.url()}: ${dialog.message()}`);
    dialog.dismiss();
  });
  return page;
}
