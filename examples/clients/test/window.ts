import { Window } from 'happy-dom';

/*
 * React looks for a document when it is loaded, so this is imported before it. Of the window no more is made global
 * than React needs: the gateway runs in the same process and keeps Node's own fetch and AbortSignal.
 */

const window = new Window();

Object.assign(globalThis, { window, document: window.document });
