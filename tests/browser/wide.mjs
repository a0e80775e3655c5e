// 200 services in 8 environments: what a large organisation has, for the pages to bear.
import assert from "node:assert/strict";

const environments = ["dev", "test", "qa", "uat", "staging", "pre", "prod-eu", "prod-us"];

// Records two landings of each service in each environment, some of them behind, failed or under way, through the API.
export const recordWide = async (address) => {
  const hour = 3_600_000;
  const events = [];
  for (const [nth, environment] of environments.entries()) {
    for (let service = 0; service < 200; service += 1) {
      for (let version = 0; version < 2; version += 1) {
        const isBehind = version === 1 && service % 3 === 0 && nth > 4;
        const ago = (service % 130) * 24 * hour + (2 - version) * hour - nth * 60_000;
        const status = isBehind ? (service % 2 === 0 ? "FAILED" : "IN_PROGRESS") : "COMPLETED";
        events.push({
          deploymentId: `${service}-${environment}-${version}`, status, environment,
          service: `team-${String.fromCharCode(97 + (service % 20))}-service-${String(service).padStart(3, "0")}`,
          version: `2.${version}.${service}`, occurredAt: new Date(Date.now() - ago).toISOString(),
        });
      }
    }
  }
  for (let from = 0; from < events.length; from += 100) {
    const answer = await fetch(`${address}/v1/events`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(events.slice(from, from + 100)),
    });
    const outcomes = await answer.json();
    assert.ok(outcomes.every(({ outcome }) => outcome === "recorded"), JSON.stringify(outcomes.find(({ outcome }) => outcome !== "recorded")));
  }
};
