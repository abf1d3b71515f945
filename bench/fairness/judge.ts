import type { Spread } from '../spread.ts';
import { condition, print, printRow, verdict } from '../table.ts';
import type { Outcomes } from './figures.ts';
import type { Measured } from './stage.ts';

/** What callers must get beside the scans, in milliseconds. */
const targets = { health: 100, other: 100, refusal: 1000 };

/** REQUEST_TIMEOUT_MS of the gateway: its default. */
const requestMs = 10_000;

/** Figures of callers that were later than this are not the gateway's own, in milliseconds. */
const maxLateMs = 50;

export function printMeasured({ scans, other, health, idle, rowsPerSecond }: Measured): void {
  printRow(['', 'p50', 'p95', 'most', '  what they came to'], 14);
  const row = (name: string, { p50, p95, most }: Spread, what = '') =>
    printRow([name, ...[p50, p95, most].map(milliseconds), what], 14);
  row('scans let in', scans.answers, `  ${countsOf(scans)}`);
  row('refused', scans.refusals);
  row('other, idle', idle);
  row('other caller', other.answers, `  ${countsOf(other)}`);
  row('/health', health.answers, `  ${countsOf(health)}`);
  print(`${rowsPerSecond.toFixed(0)} rows a second are scanned.`);
}

/** Whether scans leave the others what they must have, and get what they are let in for. */
export function judge(measured: Measured): boolean {
  const { scans, other, health, idle, lateMs, withoutCore } = measured;
  const { answered = 0, short = 0, OVERLOADED: refused = 0, ...failed } = scans.counts;
  const times = (other.answers.p95 / idle.p95).toFixed(1);
  const holds = [
    verdict(
      onlyAnswered(health) && health.answers.most <= targets.health,
      `/health took ${milliseconds(health.answers.most)} at most; ${targets.health} ms`,
    ),
    verdict(onlyAnswered(other), `the other caller was always answered: ${countsOf(other)}`),
    verdict(
      other.answers.p95 <= targets.other,
      `p95 of the other caller ${milliseconds(other.answers.p95)}, ${times} times as long as idle; at most ${targets.other} ms`,
    ),
    verdict(
      answered > 0 && Object.keys(failed).length === 0,
      `scans that were let in were answered without errors: ${countsOf(scans)}`,
    ),
    verdict(short === 0, `scans that came short: ${short}`),
    verdict(
      scans.answers.most <= requestMs,
      `scans that were let in took ${milliseconds(scans.answers.most)} at most; ${requestMs} ms`,
    ),
    verdict(
      refused === 0 || scans.refusals.most <= targets.refusal,
      refused === 0
        ? 'no scan was refused'
        : `${refused} scans were refused, after ${milliseconds(scans.refusals.most)} at most; ${targets.refusal} ms`,
    ),
  ];
  condition(lateMs <= maxLateMs, `those who ask were ${milliseconds(lateMs)} late at most`);
  condition(!(withoutCore > 0.15), `others had the gateway's core for ${percent(withoutCore)} of the time`);
  return holds.every(Boolean);
}

/** Whether as much is scanned as by the other checkout. */
export function judgeRows(measured: Measured, baseline: Measured): boolean {
  const part = measured.rowsPerSecond / baseline.rowsPerSecond;
  return verdict(part >= 0.9, `as many rows a second as the baseline scans: ${percent(part)}; at least 90 %`);
}

const onlyAnswered = ({ counts }: Outcomes) => Object.keys(counts).every((outcome) => outcome === 'answered');

const countsOf = ({ counts }: Outcomes) =>
  Object.entries(counts)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');

const milliseconds = (value: number) => (Number.isNaN(value) ? '–' : `${value.toFixed(1)} ms`);

const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
