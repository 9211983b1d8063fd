/** Why bytes are no manifest. Match on `code`, never on the text. */

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  /**
   * `NotJson`; `NotAManifest`: JSON of another kind, an error document, `{}`; `Ambiguous`: index and image at once;
   * `TypeMismatch`: declared as one type, is another; `Malformed`: members of wrong types, or too
   * many levels; `TooMany` entries.
   */
  readonly code: 'NotJson' | 'NotAManifest' | 'Ambiguous' | 'TypeMismatch' | 'Malformed' | 'TooMany';
  constructor(code: ManifestError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
