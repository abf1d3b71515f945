import { parentPort, workerData } from 'node:worker_threads';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { keepCredentials } from './keep-credentials.ts';

/* A thread that renders the page of `page.ts`. Its data are the options of GraphiQL. */

// The tabs stay where they are: they would jump away below the pointer, so that no click could reach them.
const style = '<style>.graphiql-tab { transform: none !important }</style>';

// A function, because `$` in a replacement text has a meaning.
const html = renderGraphiQL(workerData).replace('</head>', () => `${style}${keepCredentials}</head>`);
const page = new TextEncoder().encode(html);
parentPort?.postMessage(page, [page.buffer]);
