/** A stretch of time in which a sandbox stood still, in milliseconds since 1970. */
export interface Pause {
  readonly from: number;
  readonly to: number;
}
