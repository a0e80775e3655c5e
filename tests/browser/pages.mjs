// Every page in a real browser, of the demo history and of a wide one: at both widths, light and dark, without a finding
// of axe, without a message on the console or a violation of the policy, and no wider than the window.
//
//   node pages.mjs DEMO WIDE FOLDER
//
// `run` beside it does all that this needs. DEMO and WIDE are where `deployment-status-local` listens, with its demo
// history and with nothing, which is filled here; pictures are put into FOLDER.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { axe, launched, looks, open, said } from "./browser.mjs";
import { ENVIRONMENTS, HOSTILE, SERVICES, fill } from "./wide.mjs";

const [demoAddress, wideAddress, folder] = process.argv.slice(2);
const demo = [
  "/",
  "/live",
  "/live?only=wrong",
  "/live?group=prefix&hide=staging",
  "/live?wall",
  "/live?asOf=2020-01-01T00:00:00Z",
  "/compare",
  "/compare?from=staging&to=production",
  "/deployments",
  "/deployments?service=checkout&status=ROLLED_BACK",
  "/deployments/checkout-production-2.8.0",
  "/deployments/notifications-production-3.3.0",
  "/deployments/checkout-production-2.8.0?asOf=2020-01-01T00:00:00Z",
  "/services/checkout",
  "/services/checkout?days=90",
  "/environments/production",
  "/environments/development",
  "/search?q=2.8.1",
  "/search?q=nothing",
  "/deployments/nobody",
  "/?asOf=2020-01-01T00:00:00Z",
  "/releases",
  "/releases?environment=production",
  "/releases/autumn",
  "/drift",
  "/drift?severity=high",
  "/bad?cleared=true",
  "/settings",
  "/metrics?hours=168",
  "/metrics?hours=2208&environment=production",
  "/incidents",
  "/suspects",
  "/suspects?service=checkout",
  "/suspects?service=checkout&environment=production&window=7d",
  "/rejected",
  "/record",
  "/record?service=checkout&environment=production&what=failed",
  "/bad/mark",
  "/bad/mark?service=checkout&version=2.8.0",
];
const name = encodeURIComponent(HOSTILE);
const wide = [
  "/",
  "/live",
  "/live?only=wrong",
  "/live?group=prefix",
  "/live?wall",
  `/live?asOf=${new Date(Date.now() - 20_000_000).toISOString()}`,
  "/compare?from=staging&to=prod-eu",
  "/deployments",
  "/deployments/s-0-prod-eu-0",
  `/services/${name}`,
  "/environments/prod-eu",
  "/search?q=1.1.0",
  `/search?q=${name.slice(0, 5)}`,
  "/releases",
  `/releases/${name}`,
  "/drift",
  "/bad",
  "/metrics",
  `/suspects?service=${name}&window=7d`,
  "/settings",
  `/record?service=${name}`,
];

await fill(wideAddress);
mkdirSync(folder, { recursive: true });
const browser = await launched();
let checks = 0;
const wrong = [];
try {
  for (const [data, address, paths] of [["", demoAddress, demo], ["wide-", wideAddress, wide]]) {
    for (const { width, scheme } of looks) {
      const page = await open(browser);
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      for (const path of paths) {
        const answer = await page.goto(address + path, { waitUntil: "load" });
        // A page that the browser has already is a 304.
        assert.ok((path.endsWith("nobody") ? [404] : [200, 304]).includes(answer.status()), `${path}: ${answer.status()}`);
        await page.evaluate(axe);
        const found = await page.evaluate(async () => (await globalThis.axe.run()).violations);
        const findings = found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
        wrong.push(...findings.map((finding) => `${path} at ${width}, ${scheme}: ${finding}`));
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wider > 0) wrong.push(`${path} is ${wider} px wider than ${width}`);
        // A name that is markup is text.
        if (path.includes(name) || path.includes("s-0-")) {
          const shown = await page.evaluate((text) => document.body.innerText.includes(text) || [...document.querySelectorAll("input")].some((field) => field.value === text), HOSTILE);
          if (!shown) wrong.push(`${path} does not show the name as it is`);
          if (await page.$("main img")) wrong.push(`${path} takes a name for markup`);
        }
        checks += 1;
        const file = path.replace(/^\/$/, "overview").replace(/[^a-z0-9.-]+/gi, "-").replace(/^-/, "").slice(0, 80);
        await page.screenshot({ path: `${folder}/${data}${file}-${width}-${scheme}.png` });
      }
      await page.close();
    }
  }
  const page = await open(browser);
  await page.goto(`${wideAddress}/live`, { waitUntil: "load" });
  const size = await page.evaluate(() => [document.querySelectorAll("tr[data-service]").length, document.querySelectorAll(".matrix thead th").length - 1]);
  assert.deepEqual(size, [SERVICES, ENVIRONMENTS.length], "the whole matrix stands on one page");
  assert.deepEqual(wrong, []);
  // The page of what is not there is a 404, which the console says.
  assert.deepEqual(said.filter((text) => !text.includes("/deployments/nobody")), [], "nothing is said on the console");
  console.log(`${checks} looks at pages, nothing wrong`);
} finally {
  await browser.close();
}
