/**
 * How long an answer to item 9 takes from the hand-in until the server has taken Flag and Task, and until the patient has
 * the answer (scoring included), and what a poll costs that finds nothing, against
 * the FHIR server whose base URL is given. `node tests/bench/safety.ts URL [N]`. Writes synthetic patients there.
 */
import { openSafetyWard, phq9 } from '../safety/safety-ward.ts';

const [, , url = '', count = '50'] = process.argv;
const ward = await openSafetyWard(`bench-${process.pid.toString(36)}`, url);
const WARM = 10;
let raisedAt = 0;
const send = ward.server.transaction.bind(ward.server);
ward.server.transaction = async (writes) => {
  const results = await send(writes);
  if (writes.some((it) => 'resource' in it && it.resource.resourceType === 'Flag')) raisedAt = performance.now();
  return results;
};
const raised: number[] = [];
const whole: number[] = [];
for (let index = 0; index < Number(count) + WARM; index += 1) {
  const started = performance.now();
  const patient = index % 2 === 0 ? ward.patient : ward.other;
  await ward.intake(phq9(patient, { 1: 0, 9: 1 }));
  if (raisedAt < started) throw new Error('no Flag');
  // The first ten warm the server up.
  if (index >= WARM) {
    raised.push(raisedAt - started);
    whole.push(performance.now() - started);
  }
}
const figures = (times: number[]) => {
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { medianMs: at(0.5), p95Ms: at(0.95), longestMs: at(1) };
};
await ward.watch();
const [before, started] = [ward.server.traffic.requests, performance.now()];
await ward.watch({ since: new Date(Date.now() + 60_000).toISOString() });
const poll = { requests: ward.server.traffic.requests - before, ms: Math.round(performance.now() - started) };
console.log(
  JSON.stringify({ answers: raised.length, flagAndTask: figures(raised), answered: figures(whole), idlePoll: poll }),
);
await ward.stop();
