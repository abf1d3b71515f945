import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

/** Asks subgraphs for their schemas and makes one of them, as a registry does. @throws where they do not fit. */
export async function compose(urls: Readonly<Record<string, string>>): Promise<string> {
  const services = await Promise.all(
    Object.entries(urls).map(async ([name, url]) => ({ name, url, typeDefs: parse(await readSchema(url)) })),
  );
  const { errors, supergraphSdl } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

async function readSchema(url: string): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data, errors } = await answer.json();
  if (!data) throw new Error(`${url} is no subgraph (FEDERATION=true makes the gateway one): ${errors[0].message}`);
  return data._service.sdl;
}
