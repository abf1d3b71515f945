/** A layer of `src/`. */
export interface Layer {
  /** A file, or a folder with a slash at its end, within `src/`. */
  readonly place: string;
  /** What belongs there, in Markdown. */
  readonly subject: string;
  /** The layers that it may import, all of them further down in the list. */
  readonly imports: readonly string[];
  /** The packages that it may import, as patterns. */
  readonly packages: readonly string[];
  /** What it may not import from a file although it may import the file: types travel further than functions. */
  readonly except?: Readonly<Record<string, string>>;
}
