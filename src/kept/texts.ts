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
 * The short texts of one object, each under the name of the fields that it was written for. They are fields of one document,
 * so the text says nothing of who asked. Only the latest few are kept: each document that shows the object has its own.
 */
export class KeptTexts {
  #groups: symbol[] = [];
  #texts: KeptText[] = [];

  get(group: symbol): KeptText | undefined {
    // Faster than a map for so few.
    const index = this.#groups.indexOf(group);
    return index < 0 ? undefined : this.#texts[index];
  }

  set(group: symbol, text: KeptText): void {
    if (text.text.length > longestText) return;
    if (this.#groups.length >= mostTexts) {
      this.#groups.shift();
      this.#texts.shift();
    }
    this.#groups.push(group);
    this.#texts.push(text);
  }
}

/** The texts that one object keeps, and the characters of the longest: a page is charged for short ones. */
const mostTexts = 3;
const longestText = 2_048;
