/**
 * Under this symbol an object that outlives its request keeps what has been written of it; null, or no such member, if it
 * ends with its request.
 */
export const keptTexts: unique symbol = Symbol('keptTexts');

/** An object that may keep texts. */
export interface KeepsTexts {
  readonly [keptTexts]?: KeptTexts | null;
}

/** JSON that was written of an object and depends on nothing but the object. */
export interface KeptText {
  readonly text: string;
  /** What the text counts against the limit of an answer. */
  readonly characters: number;
}

/**
 * The texts of one object, each under the part of a plan that wrote it. A part belongs to one document, so the text says
 * nothing of who asked. Only the latest few are kept: each document that shows the object has its own parts.
 */
export class KeptTexts {
  #parts: object[] = [];
  #texts: KeptText[] = [];

  get(part: object): KeptText | undefined {
    // Faster than a map for so few.
    const index = this.#parts.indexOf(part);
    return index < 0 ? undefined : this.#texts[index];
  }

  set(part: object, text: KeptText): void {
    if (this.#parts.length >= mostTexts) {
      this.#parts.shift();
      this.#texts.shift();
    }
    this.#parts.push(part);
    this.#texts.push(text);
  }
}

/** The texts that one object keeps. */
const mostTexts = 3;
