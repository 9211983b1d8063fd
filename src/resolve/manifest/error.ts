/** Error for bytes that are not a valid manifest. Callers compare `code`, never the text. */

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  /**
   * `NotJson`. `NotAManifest`: JSON of another kind, such as an error document or `{}`. `Ambiguous`: index and image at once.
   * `TypeMismatch`: the declared type contradicts the body. `Malformed`: members of wrong types or too deep nesting.
   * `TooMany`: too many entries.
   */
  readonly code: 'NotJson' | 'NotAManifest' | 'Ambiguous' | 'TypeMismatch' | 'Malformed' | 'TooMany';
  constructor(code: ManifestError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
