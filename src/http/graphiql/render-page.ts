import { parentPort, workerData } from 'node:worker_threads';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

/* A thread that renders the page of `page.ts`. Its data are the options of GraphiQL. */

// The tabs stay where they are: they would jump away below the pointer, so that no click could reach them.
const style = '<style>.graphiql-tab { transform: none !important }</style>';

const page = new TextEncoder().encode(renderGraphiQL(workerData).replace('</head>', `${style}</head>`));
parentPort?.postMessage(page, [page.buffer]);
