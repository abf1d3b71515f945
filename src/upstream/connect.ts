import dns from 'node:dns';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { Region } from '../regions.ts';
import { createTunnelConnector, type TlsOptions } from './tunnel.ts';

export interface ConnectLimits {
  /** The longest time of a call, in milliseconds. */
  readonly callMs: number;
  /** The longest time of all attempts to connect together, in milliseconds. */
  readonly connectMs: number;
}

/**
 * Opens connections to a region: through its proxy if it has one, and with its client certificate.
 * @param report is called with what is wrong with a renewed client certificate.
 */
export function createConnector(
  { proxy, clientCertificate }: Region,
  limits: ConnectLimits,
  report?: (problem: string) => void,
): buildConnector.connector {
  const connectorWith = (tls: TlsOptions) =>
    proxy
      ? createTunnelConnector(proxy, createDirectConnector({}, limits), { tls, connectMs: limits.connectMs })
      : createDirectConnector(tls, limits);
  if (!clientCertificate) return connectorWith({});
  let tls = clientCertificate.read();
  let connector = connectorWith(tls);
  return (target, callback) => {
    const renewed = clientCertificate.read(report);
    if (renewed !== tls) {
      tls = renewed;
      connector = connectorWith(renewed);
    }
    connector(target, callback);
  };
}

/**
 * Opens connections to host names with any number of addresses. Node tries them in order and gives up on each but the last
 * after 250 ms, which is too short for a handshake that loses a packet: TCP repeats the packet after a second. Here each
 * address has an equal part of the time of a call.
 */
function createDirectConnector(tls: TlsOptions, { callMs, connectMs }: ConnectLimits): buildConnector.connector {
  /** What was looked up last, so that Node does not look it up once more. */
  const found = new Map<string, dns.LookupAddress[]>();
  /** By number of addresses. Each connector keeps the TLS sessions that later connections resume. */
  const connectors = new Map<number, buildConnector.connector>();

  function connectorFor(addresses: number): buildConnector.connector {
    const connector =
      connectors.get(addresses) ??
      buildConnector({
        ...tls,
        allowH2: false,
        timeout: connectMs,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: Math.ceil(callMs / addresses),
        lookup: (name, _, callback) => callback(null, found.get(name) ?? []),
      });
    connectors.set(addresses, connector);
    return connector;
  }

  return (target, callback) => {
    const { hostname } = target;
    if (isIP(hostname)) return connectorFor(1)(target, callback);
    dns.lookup(hostname, { all: true }, (error, addresses) => {
      if (error) {
        callback(error, null);
        return;
      }
      found.set(hostname, addresses);
      connectorFor(addresses.length)(target, callback);
    });
  };
}
