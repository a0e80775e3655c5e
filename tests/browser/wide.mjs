// A wide history: 200 services in 8 environments, a third of them behind from the fifth environment on, some that failed
// or are under way, and one whose name is markup.

export const SERVICES = 200;
export const ENVIRONMENTS = ["dev", "test", "qa", "uat", "staging", "pre", "prod-eu", "prod-us"];
export const HOSTILE = `<img src=x onerror=alert(1)> &amp; "بوابة"`;

/// Tells it to a server that has nothing.
export async function fill(address) {
  const send = async (path, method, body, type = "application/json") => {
    const answer = await fetch(address + path, { method, headers: { "content-type": type }, body: JSON.stringify(body) });
    const said = await answer.text();
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${said}`);
    return JSON.parse(said);
  };
  await send("/v1/settings", "PUT", { environments: ENVIRONMENTS.map((name) => ({ name, production: name.startsWith("prod") })) });
  const now = Date.now();
  const events = ENVIRONMENTS.flatMap((environment, nth) =>
    Array.from({ length: SERVICES }, (_, number) => (number === 0 ? HOSTILE : `service-${String(number).padStart(3, "0")}`))
      .flatMap((service, number) => {
        const id = `s-${number}-${environment}`;
        const versions = number % 3 === 0 && nth > 3 ? [0] : [0, 1];
        const landed = versions.map((version) => ({
          deploymentId: `${id}-${version}`,
          occurredAt: new Date(now - (3 - version) * 86_400_000 * (number % 50) - (8 - nth) * 60_000).toISOString(),
          service, environment, version: `1.${version}.0`, status: "COMPLETED", release: number === 0 ? HOSTILE : undefined,
        }));
        const next = { ...landed.at(-1), deploymentId: `${id}-next`, version: "1.2.0", occurredAt: new Date(now - 30_000).toISOString() };
        const last = number % 40 === 7 ? [{ ...next, status: "FAILED" }] : number % 40 === 9 ? [{ ...next, status: "IN_PROGRESS" }] : [];
        return [...landed, ...last];
      }));
  for (let from = 0; from < events.length; from += 100) {
    const outcomes = await send("/v1/events", "POST", events.slice(from, from + 100));
    const refused = outcomes.filter((outcome) => outcome.outcome !== "recorded");
    if (refused.length > 0) throw new Error(JSON.stringify(refused[0]));
  }
}
