import type { Config } from '../config/config.ts';
import { type Kind, smallBytes } from '../fairness/memory.ts';
import { workOfBytes } from '../fairness/work.ts';
import type { GatewayAnswer, GatewayRequest } from '../gateway/answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Accepted, Admit } from '../operation.ts';
import { type Replay, type Replays, type ToExecute, unrecorded } from '../replay/replay.ts';
import { endRequestSpan } from '../telemetry/request-span.ts';
import type { Caller, Layer, Send } from '../upstream/send.ts';
import type { Admission } from './admission/admission.ts';
import type { Bursts } from './admission/bursts.ts';
import type { Streams } from './admission/streams.ts';
import type { ReadBody } from './body.ts';
import type { GraphiQLPage } from './graphiql/page.ts';
import type { RequestInFlight } from './in-flight.ts';
import { mayBeSubscription, readParams } from './params.ts';
import { noMemory, notAcceptable, tooMuchToDo, wrongMethod } from './refusal.ts';
import type { Responder } from './respond.ts';
import { turnAway } from './send-error.ts';
import { sendStream } from './send-stream.ts';
import { sendData, sendFailure, sendPage, sendRecorded } from './send-whole.ts';
import { targetOf } from './target.ts';

/** What is needed to answer GraphQL requests. */
export interface GraphQLHandling {
  readonly config: Pick<Config, 'showsExchanges'>;
  readonly gateway: Gateway;
  readonly responder: Responder;
  readonly readBody: ReadBody;
  readonly admission: Admission;
  readonly streams: Streams;
  readonly bursts: Bursts;
  /** Null if answers are not recorded. */
  readonly replays: Replays | null;
}

/**
 * Answers one GraphQL request.
 * @param page GraphiQL if the client asks for it, else null.
 * @throws `Refusal` if the request is refused; the reason of the caller's signal if the client has left.
 */
export async function answerGraphQL(
  handling: GraphQLHandling,
  flight: RequestInFlight,
  page: GraphiQLPage | null,
): Promise<void> {
  const { request, response, caller } = flight;
  const method = methodOf(request.method);
  if (page) {
    const html = await page();
    caller.signal.throwIfAborted();
    sendPage(handling.responder, flight, html);
    return;
  }
  const accepts = acceptedBy(flight);
  // The body first, so that a slow upload holds no place.
  const body = await flight.waits.during(handling.readBody(request, response));
  const url = targetOf(request);
  const read = () => readParams({ method, url, body, type: accepts.json });
  // The limit of streams is checked before anything is executed for a client that accepts nothing else.
  const early = accepts.json === null && accepts.parts === null ? read() : null;
  const refusal =
    (early && mayBeSubscription(early) ? handling.streams.refusal(flight.principal) : null) ??
    handling.admission.refusal(flight.principal);
  if (refusal) {
    endRequestSpan(flight.span, refusal.status, { errorCodes: [refusal.code] });
    turnAway(handling.responder, request, response, accepts, refusal);
    return;
  }
  const turn = turnOf(handling, caller, body);
  if (turn) await turn;
  const shownExchanges =
    handling.config.showsExchanges && request.headers['x-gateway-trace'] === '1' ? flight.exchanges : null;
  const replay = shownExchanges ? unrecorded : await beginReplay(handling, flight, body);
  if (replay.kind === 'refused') throw whyNotAdmitted(flight);
  if (replay.kind === 'unchanged') {
    const { recorded } = replay;
    // Slow readers may still hold the answer when its record has been dropped.
    await payFor(caller, 'answers', recorded.answer.body.length);
    sendRecorded(handling.responder, flight, recorded);
    return;
  }
  const text = method === 'GET' ? url : (body ?? '');
  const asked: GatewayRequest = { method, accepts, text, readParams: () => early ?? read() };
  const layer: Layer = (next) => noteWaits(flight, replay.layer ? replay.layer(next) : next);
  const answer = await handling.gateway.answer(asked, caller, { admit: admitOf(flight), shownExchanges, layer });
  const sending = sendAnswer(handling, flight, answer, replay);
  if (sending) await sending;
}

function methodOf(method: string | undefined): GatewayRequest['method'] {
  if (method === 'GET' || method === 'POST') return method;
  throw wrongMethod;
}

/** Checked before execution, so that no mutation runs for a client that cannot read its result. */
function acceptedBy({ accepts }: RequestInFlight): Accepted {
  if (accepts) return accepts;
  throw notAcceptable;
}

/**
 * The turn of a request behind the requests of its burst and among long work, before it is parsed; null if it need not
 * wait.
 */
function turnOf({ bursts, gateway }: GraphQLHandling, caller: Caller, body: string | null): Promise<void> | null {
  const postponed = bursts.postpone(caller.owner);
  if (postponed) return postponed.then(() => waitAmongLongWork(gateway, caller, body));
  return gateway.turns.waiting === 0 ? null : waitAmongLongWork(gateway, caller, body);
}

async function waitAmongLongWork({ turns }: Gateway, caller: Caller, body: string | null): Promise<void> {
  if (turns.waiting === 0) return;
  // While the request waits, neither the body reader nor the admission counts its body.
  await payFor(caller, 'bodies', body?.length ?? 0);
  const turn = caller.turns.goOn(caller.owner, caller, requestCost);
  if (turn === null || (await turn)) return;
  caller.signal.throwIfAborted();
  throw tooMuchToDo;
}

/** The cost of parsing, validating and answering a small request, in bytes as `Turns` counts cost: about 0.3 ms. */
const requestCost = 32 * 1024;

function beginReplay(
  { replays, gateway }: GraphQLHandling,
  flight: RequestInFlight,
  body: string | null,
): Promise<Replay> | Replay {
  if (!replays) return unrecorded;
  const { request, caller, principal } = flight;
  const send = noteWaits(flight, gateway.send);
  return replays.begin(request, body, { caller, owners: principal.tokens, send, admit: admitOf(flight) });
}

function admitOf({ admitted, caller }: RequestInFlight): Admit {
  return (estimate) => admitted.enter(estimate, caller);
}

function noteWaits({ waits }: RequestInFlight, next: Send): Send {
  return (request, caller) => waits.during(next(request, caller));
}

/** Null if nothing of the answer has to be waited for. */
function sendAnswer(
  { responder, streams }: GraphQLHandling,
  flight: RequestInFlight,
  answer: GatewayAnswer,
  { keep }: ToExecute,
): Promise<void> | null {
  const { admitted, caller } = flight;
  if (answer.kind === 'notAdmitted') throw whyNotAdmitted(flight);
  if (answer.kind === 'parts' || answer.kind === 'subscription') return sendStream(responder, streams, flight, answer);
  caller.signal.throwIfAborted();
  admitted.charge(workOfBytes(answer.body.length));
  if (answer.kind === 'failure') {
    sendFailure(responder, flight, answer);
    return null;
  }
  admitted.complete();
  sendData(responder, flight, answer);
  keep(answer);
  return null;
}

/** A request that was not admitted was refused, or its client has left. */
function whyNotAdmitted({ admitted, caller }: RequestInFlight): unknown {
  return admitted.refusal() ?? caller.signal.reason;
}

/** Claims memory for the request, until it is over. A small amount is only counted. */
async function payFor(caller: Caller, kind: Kind, bytes: number): Promise<void> {
  if (bytes <= smallBytes) {
    caller.memory.count(kind, bytes);
    return;
  }
  const shortage = await caller.memory.hold(kind).grow(bytes, caller);
  if (shortage) throw noMemory[shortage];
}
