// Pages through `deployment-status open` in a real browser: who gets in, that pages look and work as they do without
// it, and that a page of another server of this machine can't write, although the browser sends the cookie along.
//
//   node open.mjs ENTRY SERVER
//
// ENTRY is the address that `open /live` printed, SERVER where the server behind it listens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [entry, server] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { origin } = new URL(entry);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const said = [];
  const page = await browser.newPage();
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));

  await page.goto(entry, { waitUntil: "load" });
  assert.equal(page.url(), `${origin}/live`, "the address leads to the page, and its key is gone");
  assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the cookie");
  assert.notEqual(await page.evaluate(() => document.styleSheets[0]?.cssRules.length ?? 0), 0, "it has its style");
  await page.goto(entry, { waitUntil: "load" });
  assert.equal(page.url(), `${origin}/live`, "whoever has the cookie may come back");

  // A page from here may write.
  const event = { deploymentId: "from-here", service: "opened", environment: "staging", version: "1", status: "COMPLETED" };
  const write = (body) =>
    fetch("/v1/events", { method: "POST", headers: { "Content-Type": "application/json" }, body }).then((a) => a.status);
  assert.equal(await page.evaluate(write, JSON.stringify(event)), 201);
  assert.equal((await fetch(`${server}/v1/deployments/from-here`)).status, 200, "it is recorded");
  assert.deepEqual(said, [], "nothing is said on the console");

  // One of another server of this machine may not. Its port is another, but for a cookie it is the same site.
  const other = await browser.newPage();
  await other.setBypassCSP(true);
  await other.goto(`${server}/live`, { waitUntil: "load" });
  await page.goto(`${origin}/live`, { waitUntil: "load" });
  assert.equal(await other.title(), await page.title(), "it is the same page");
  const [asked, answered] = [[], []];
  const devtools = await other.createCDPSession();
  devtools.on("Network.requestWillBeSentExtraInfo", ({ headers }) => asked.push(headers));
  devtools.on("Network.responseReceivedExtraInfo", ({ statusCode }) => answered.push(statusCode));
  await devtools.send("Network.enable");
  for (const method of ["POST", "GET"]) {
    // What any page may send without asking first.
    const send = (at, method) => fetch(`${at}/v1/live`, { method, mode: "no-cors", credentials: "include" }).then(() => 0);
    await other.evaluate(send, origin, method);
  }
  assert.ok(asked.length === 2 && asked.every((headers) => headers.Cookie?.includes("deployment-status-")), "with the cookie");
  assert.deepEqual(answered, [403, 403]);

  // Another browser is refused, by a page that can be read.
  const stranger = await (await browser.createBrowserContext()).newPage();
  for (const at of [entry, `${origin}/live`]) {
    const refused = await stranger.goto(at, { waitUntil: "load" });
    assert.equal(refused.status(), 403, at);
    await stranger.evaluate(axe);
    const found = await stranger.evaluate(async () => (await globalThis.axe.run()).violations);
    assert.deepEqual(found.map(({ id, help }) => `${id}: ${help}`), []);
    assert.match(await stranger.evaluate(() => document.body.innerText), /Run `deployment-status open` again/);
  }
  console.log("pages through `open` are those of the server, for one browser");
} finally {
  await browser.close();
}
