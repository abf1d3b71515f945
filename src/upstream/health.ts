import { LRUCache } from 'lru-cache';
import type { Region, RegionTable } from '../regions.ts';
import { type Fault, type FaultClass, outageStatuses } from './fault.ts';
import { faultIn } from './outcome.ts';
import type { OutcomeListener } from './outcome-listener.ts';
import type { Probed } from './probe.ts';

/** A region begins to fail, or fails for another reason than before. */
export interface FailureBegin {
  readonly region: string;
  /** Missing if the region fails for everybody. */
  readonly tenant?: string;
  readonly cause: string;
  readonly class: FaultClass;
  /** What the error of the connection says. */
  readonly detail?: string;
  /** Of the answer that shows the fault. */
  readonly status?: number | null;
  readonly contentType?: string;
  /** Beginnings with this cause that were left out since the last report of it. */
  readonly suppressed?: number;
}

/** A region is well again. */
export interface FailureEnd {
  readonly region: string;
  /** Missing if the region failed for everybody. */
  readonly tenant?: string;
  readonly cause: string;
  readonly failures: number;
  readonly seconds: number;
}

/**
 * Reports when a region begins to fail, with the cause, and when it is well again. A region fails for everybody if its
 * connections fail, if a proxy answers 502 or 503, or if two tenants fail and no call succeeds in between. Every other failure
 * is at first one tenant's: its list may be too long, or its data broken.
 */
export interface Health extends OutcomeListener {
  noteProbe(region: Region, probed: Probed): void;
  /** Why the region fails for everybody; null if it does not, or if nothing has failed for a minute. */
  readonly failing: (region: Region) => FaultClass | null;
}

export interface HealthReport {
  readonly begin: (failure: FailureBegin) => void;
  readonly end: (failure: FailureEnd) => void;
}

/** The shortest time between two reports of one cause in one region, in milliseconds. Also the age of old failures. */
const minute = 60_000;

/** The most tenants of one region whose failures are remembered. The least recent ones are forgotten. */
const maxTenants = 1_000;

/** @param report is called at most once a minute for each cause in a region, and for the ends of what it was called for. */
export function createHealth(regions: RegionTable, report: HealthReport): Health {
  const watched = new Map(regions.map((region) => [region.code, new RegionHealth(region, report)]));

  function healthOf({ code }: Region): RegionHealth {
    const health = watched.get(code);
    if (!health) throw new Error(`region ${code} is not in the table`);
    return health;
  }

  return {
    onAnswer({ request: { region }, caller }, answer) {
      const fault = faultIn(answer);
      const { status, contentType } = answer;
      // A 4xx says nothing: the check of the token refuses before Cinder is asked.
      if (!fault && status >= 400) return;
      const { tenant } = caller.identity(region);
      if (fault)
        healthOf(region).noteBad(outageStatuses.has(status) ? null : tenant, fault, {
          status,
          contentType: known(contentType),
        });
      else healthOf(region).noteGood(tenant);
    },
    onError({ request: { region }, caller }, { evidence, fault }) {
      if (fault && evidence !== null)
        healthOf(region).noteBad(evidence === 'againstRegion' ? null : caller.identity(region).tenant, fault);
    },
    noteProbe(region, { status, fault }) {
      if (fault) healthOf(region).noteBad(null, fault, status === null ? {} : { status });
      // A proxy before the region may refuse a probe although the region is down.
      else if (status !== null && status < 400) healthOf(region).noteGood(null);
    },
    failing: (region) => healthOf(region).failing(),
  };
}

/** The types that are named in reports: a region could repeat a token in any other. */
const knownTypes = new Set(['', 'application/json', 'application/xml', 'text/html', 'text/plain', 'text/xml']);

function known(contentType: string): string {
  return knownTypes.has(contentType) ? contentType : 'other';
}

/** A run of failures without a success in between. On the clock of `performance.now()`. */
interface Failing {
  fault: Fault;
  readonly since: number;
  lastAt: number;
  failures: number;
  /** The cause that was reported last; null if the run has not been reported. */
  reported: string | null;
}

/** What is known of the answer that shows the fault. */
type Details = Pick<FailureBegin, 'status' | 'contentType'>;

class RegionHealth {
  readonly #region: string;
  readonly #report: HealthReport;
  readonly #tenants = new LRUCache<string, Failing>({ max: maxTenants });
  #everybody: Failing | null = null;
  /** A tenant that has failed since the last call that succeeded. */
  #failed: string | null = null;
  /** When a beginning was last reported, by scope and cause, and how many were left out since. */
  readonly #reports = new Map<string, { at: number; suppressed: number }>();

  constructor({ code }: Region, report: HealthReport) {
    this.#region = code;
    this.#report = report;
  }

  /** @param tenant null if the failure is everybody's. */
  noteBad(tenant: string | null, fault: Fault, details: Details = {}): void {
    if (tenant === null || this.#isOfSeveral(tenant)) {
      this.#everybody = this.#goOn(this.#everybody, null, fault, details);
      return;
    }
    this.#tenants.set(tenant, this.#goOn(this.#tenants.get(tenant) ?? null, tenant, fault, details));
  }

  /** @param tenant null for a probe, which says nothing of any tenant. */
  noteGood(tenant: string | null): void {
    this.#failed = null;
    if (this.#everybody) this.#reportEnd(this.#everybody, null);
    this.#everybody = null;
    const own = tenant === null || this.#tenants.size === 0 ? undefined : this.#tenants.get(tenant);
    if (tenant === null || !own) return;
    this.#reportEnd(own, tenant);
    this.#tenants.delete(tenant);
  }

  failing(): FaultClass | null {
    const failing = this.#everybody;
    return failing && performance.now() - failing.lastAt < minute ? failing.fault.class : null;
  }

  /** Whether another tenant has failed too, and nothing has succeeded since. */
  #isOfSeveral(tenant: string): boolean {
    this.#failed ??= tenant;
    return this.#failed !== tenant || this.#everybody !== null;
  }

  /** @param known the run so far; null if there is none. A run that is older than a minute is over. */
  #goOn(known: Failing | null, tenant: string | null, fault: Fault, details: Details): Failing {
    const now = performance.now();
    const run: Failing =
      known && now - known.lastAt < minute ? known : { fault, since: now, lastAt: now, failures: 0, reported: null };
    const isBeginning = run.failures === 0 || run.fault.code !== fault.code;
    run.fault = fault;
    run.lastAt = now;
    run.failures++;
    // A beginning that was left out is reported later if the failures go on.
    if (run.reported !== fault.code && this.#mayReport(fault, tenant, now, isBeginning)) {
      this.#reportBegin(fault, tenant, details, now);
      run.reported = fault.code;
    }
    return run;
  }

  /** False if such a beginning was reported within the last minute. */
  #mayReport(fault: Fault, tenant: string | null, now: number, isBeginning: boolean): boolean {
    const last = this.#reports.get(keyOf(fault, tenant));
    if (!last || now - last.at >= minute) return true;
    if (isBeginning) last.suppressed++;
    return false;
  }

  #reportBegin(fault: Fault, tenant: string | null, details: Details, now: number): void {
    const key = keyOf(fault, tenant);
    const suppressed = this.#reports.get(key)?.suppressed ?? 0;
    this.#reports.set(key, { at: now, suppressed: 0 });
    this.#report.begin({
      region: this.#region,
      ...(tenant !== null && { tenant }),
      cause: fault.code,
      class: fault.class,
      ...(fault.detail !== undefined && { detail: fault.detail }),
      ...details,
      ...(suppressed > 0 && { suppressed }),
    });
  }

  #reportEnd({ fault, since, failures, reported }: Failing, tenant: string | null): void {
    if (reported === null) return;
    const seconds = Math.round((performance.now() - since) / 1000);
    this.#report.end({
      region: this.#region,
      ...(tenant !== null && { tenant }),
      cause: fault.code,
      failures,
      seconds,
    });
  }
}

/** Of all beginnings that are reported once a minute together. */
function keyOf({ code }: Fault, tenant: string | null): string {
  return `${tenant === null ? 'everybody' : 'tenant'} ${code}`;
}
