// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/**
 * What a reshaped tensor knows of the tensor it shares storage with. Its history is that of the
 * base when it was taken: a write that is recorded gives the base another one, and leaves the view
 * unusable for recording.
 *
 * @param base the tensor that is itself no view
 * @param rewrites how often the base had been given a new history when the view was taken
 * @param tracked whether the view was taken while recording
 */
record View(Tensor base, int rewrites, boolean tracked) {
  static View of(Tensor source) {
    View outer = source.view();
    boolean records = Modes.current().records();
    return outer == null
        ? new View(source, source.rewrites(), records)
        : new View(outer.base, outer.rewrites, outer.tracked && records);
  }

  /** Refuses a history that is not that of the values any more. */
  void checkCurrent() {
    if (tracked && base.rewrites() != rewrites) {
      throw new AutogradException(
          "a view was taken before its base of shape %s was modified by an inplace operation that was recorded; call reshape again after the write, or clone the view before it."
              .formatted(base.shape()));
    }
  }
}
