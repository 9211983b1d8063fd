/** A value that the owner of a format refuses. Whoever reads the file adds the place and throws `MirrorConfigError`. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
  readonly code = 'INVALID_SETTING';
}
