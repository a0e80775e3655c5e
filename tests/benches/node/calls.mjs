// What a function of this project calls in one invocation, as it was recorded: rounds of calls that are
// under way together. The file CALLS has those of a first invocation and those of a later one.
import { readFileSync } from "node:fs";

const recorded = JSON.parse(readFileSync(process.env.CALLS, "utf8"));
// Each call stays text until it is made: a function builds the input of each call anew.
const prepare = (rounds) => rounds.map((calls) => calls.map(({ operation, input }) => ({ operation, input: JSON.stringify(input) })));
const first = prepare(recorded.first);
const later = prepare(recorded.later);
let invocations = 0;

// The ids of the recording stand for those of this invocation.
const RECORDED = /bench-000000/g;

export async function callAll(senders, run) {
  const rounds = invocations++ === 0 ? first : later;
  const answers = [];
  for (const calls of rounds) {
    const round = calls.map(({ operation, input }) => {
      const text = run === undefined ? input : input.replace(RECORDED, run);
      return senders[operation](JSON.parse(text));
    });
    answers.push(...(await Promise.all(round)));
  }
  return answers;
}
