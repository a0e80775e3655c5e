// What a page does in a real browser beyond being read: the keyboard, the filter, the refresh, the forms, and all of it
// without a script.
//
//   node used.mjs ADDRESS FOLDER
//
// ADDRESS is where `deployment-status-local` listens with its demo history; pictures are put into FOLDER.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { axe, launched, looks, open, said } from "./browser.mjs";

const [address, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launched();
try {
  // The keyboard alone: the first stop leads to the answer, and every stop is seen.
  const page = await open(browser);
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(`${address}/live`, { waitUntil: "load" });
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the answer");
  const stoppable = "a[href], button, input:not([type=hidden]), summary, [tabindex='0']";
  const reachable = await page.$$eval(stoppable, (all) => all.length);
  // A field for a date and a time has a stop for each of its parts.
  for (let n = 0; n < reachable + 20; n += 1) {
    const stop = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === document.body) return null;
      at.dataset.stop = "";
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      return { seen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, html: at.outerHTML.slice(0, 120) };
    });
    if (stop) assert.ok(stop.seen, `the focus is seen: ${stop.html}`);
    await page.keyboard.press("Tab");
  }
  const unreached = await page.$$eval(stoppable, (all) =>
    all.filter((one) => one.checkVisibility() && !("stop" in one.dataset)).map((one) => one.outerHTML.slice(0, 120)));
  assert.deepEqual(unreached, [], "the keyboard reaches everything");

  // Typing filters without asking again.
  await page.focus("#filter");
  await page.keyboard.type("check");
  const rows = await page.$$eval("tr[data-service]", (all) => all.filter((row) => !row.hidden).map((row) => row.dataset.service));
  assert.deepEqual(rows, ["checkout"]);

  // What happens is seen without loading again, and what was typed stays.
  const before = await page.title();
  const report = await fetch(`${address}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ deploymentId: "browser-1", service: "checkout-two", environment: "production", version: "1.0.0", status: "FAILED" }),
  });
  assert.equal(report.status, 201);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.waitForFunction((title) => document.title !== title, { timeout: 10_000 }, before);
  assert.equal(await page.$eval("#filter", (field) => field.value), "check");
  const shown = await page.$$eval("tr[data-service]", (all) => all.filter((row) => !row.hidden).map((row) => row.dataset.service));
  assert.deepEqual(shown, ["checkout", "checkout-two"]);
  assert.match(await page.$eval("[role=status]", (status) => status.textContent), /services need a look/);

  // A session that has ended is said once, with the way in.
  const ended = await open(browser);
  await ended.goto(`${address}/live?only=wrong`, { waitUntil: "load" });
  await ended.setRequestInterception(true);
  ended.on("request", (request) => request.resourceType() === "fetch"
    ? request.respond({ status: 303, headers: { location: "/login?to=%2Flive" } })
    : request.continue());
  for (let n = 0; n < 2; n += 1) await ended.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await ended.waitForSelector(".ended a", { timeout: 10_000 });
  assert.deepEqual(await ended.$$eval(".ended a", (all) => all.map((link) => link.getAttribute("href"))), ["/login?to=%2Flive%3Fonly%3Dwrong"]);
  await ended.evaluate(axe);
  assert.deepEqual(await ended.evaluate(async () => (await globalThis.axe.run()).violations.map(({ id }) => id)), []);

  // Without a script all of it can be read, and the form of times works.
  const plain = await open(browser);
  await plain.setJavaScriptEnabled(false);
  await plain.goto(`${address}/live`, { waitUntil: "load" });
  await plain.$eval("#as-of", (field) => (field.value = "2020-01-01T00:00"));
  await Promise.all([plain.waitForNavigation(), plain.click(".times button")]);
  assert.equal(new URL(plain.url()).searchParams.get("asOf"), "2020-01-01T00:00");
  assert.equal(await plain.$eval("h1", (head) => head.textContent), "Nothing is live");
  // From any page a name leads to its own.
  await plain.type("#search", "checkout");
  await Promise.all([plain.waitForNavigation(), plain.click(".search button")]);
  assert.equal(new URL(plain.url()).pathname, "/services/checkout");
  assert.deepEqual(said.filter((text) => !text.includes("/deployments/nobody")), []);

  // A form that is sent wrongly comes back with the focus in the first field that needs a look, and all that was typed.
  const form = await open(browser);
  // The browser gives a field the focus when it draws next, which may be after the page is loaded.
  const focused = (page, name) =>
    page.waitForFunction((name) => document.activeElement.name === name, { timeout: 10_000 }, name);
  const sent = (page, button = ".entry .filled") => Promise.all([page.waitForNavigation(), page.click(button)]).then(([answer]) => answer);
  for (const { width, scheme } of looks) {
    await form.setViewport({ width, height: 900 });
    await form.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await form.goto(`${address}/record?service=checkout&environment=production`, { waitUntil: "load" });
    await form.click("[name=what][value=completed]");
    await form.type("[name=version]", "2.8.l");
    await form.type("[name=notes]", "typed");
    assert.equal((await sent(form)).status(), 422);
    await focused(form, "version");
    assert.equal(await form.$eval("[name=notes]", (field) => field.value), "typed");
    await form.evaluate(axe);
    const found = await form.evaluate(async () => (await globalThis.axe.run()).violations);
    assert.deepEqual(found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), []);
    assert.ok(await form.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${width}`);
    await form.screenshot({ path: `${folder}/record-refused-${width}-${scheme}.png` });
    // Nothing is looked at again while it is filled in, wherever the focus is.
    await form.click("h1");
    await form.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await form.$eval("[name=notes]", (field) => field.value), "typed");
  }
  // The summary leads to the field.
  await form.click(".refused a");
  await focused(form, "version");
  // The time of one's own stands beside that in UTC, and a service brings its versions.
  await form.emulateTimezone("Asia/Tokyo");
  await form.goto(`${address}/record`, { waitUntil: "load" });
  await form.$eval("[name=at]", (field) => {
    field.value = "2026-01-02T20:00:00";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  assert.match(await form.$eval("#local-time", (output) => output.textContent), /3 Jan 2026, 05:00.*Asia\/Tokyo/);
  await form.type("[name=service]", "checkout");
  await form.keyboard.press("Tab");
  await form.waitForFunction(() => document.querySelectorAll("#versions option").length > 1, { timeout: 10_000 });
  await form.$eval("[name=at]", (field) => (field.value = ""));

  // Sent twice, and once more after going back, it is one deployment with one event.
  const version = await form.$eval("#versions option", (option) => option.value);
  await form.type("[name=version]", version);
  await form.click("[name=what][value=failed]");
  await form.select("[name=environment]", "production");
  await Promise.all([form.waitForNavigation(), form.$eval("form.entry", (form) => {
    form.requestSubmit();
    form.requestSubmit();
  })]);
  const recorded = new URL(form.url()).pathname;
  assert.match(recorded, /^\/deployments\/by-hand-[0-9a-f]{32}$/);
  await form.goBack({ waitUntil: "load" });
  await sent(form);
  assert.equal(new URL(form.url()).pathname, recorded);
  const told = await (await fetch(`${address}/v1${recorded}`)).json();
  assert.deepEqual([told.eventCount, told.status, told.version], [1, "FAILED", version]);

  // Without a script it works too, by the keyboard alone. A page that is not in front is not drawn.
  await plain.bringToFront();
  await plain.goto(`${address}/record?service=checkout&version=${version}&environment=staging&what=completed`, { waitUntil: "load" });
  await plain.focus("[name=notes]");
  await plain.keyboard.type("by hand");
  await plain.keyboard.press("Tab");
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  assert.match(new URL(plain.url()).pathname, /^\/deployments\/by-hand-/);
  assert.equal(await plain.$eval("h1", (head) => head.textContent), `checkout ${version} completed in staging`);
  await plain.goto(`${address}/bad/mark?service=checkout&version=${version}`, { waitUntil: "load" });
  await plain.click("[name=outcome][value=BAD]");
  await plain.type("[name=reason]", "loses orders");
  await sent(plain);
  assert.equal(await plain.$eval("h1", (head) => head.textContent), `checkout ${version} is bad`);
  // A note, once with and once without a script; what is being written stays while the page looks again.
  for (const [page, note] of [[form, "it was the database"], [plain, "and the network"]]) {
    await page.bringToFront();
    await page.goto(address + recorded, { waitUntil: "load" });
    await page.type("[name=notes]", note);
    if (page === form) {
      await page.focus("h1 ~ .rest a");
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await sent(page, ".entry button");
    assert.equal(new URL(page.url()).pathname, recorded);
    assert.match(await page.$eval(".note", (text) => text.textContent), new RegExp(note));
  }
  const noted = await (await fetch(`${address}/v1${recorded}`)).json();
  assert.deepEqual([noted.eventCount, noted.status, noted.notes], [3, "FAILED", "and the network"]);
  // A form that is refused is a 422, which the console says.
  const beyond = said.filter((text) => !text.includes("/deployments/nobody") && !text.includes("422"));
  assert.deepEqual(beyond, [], "nothing is said on the console");
  console.log("pages do what they should");
} finally {
  await browser.close();
}
