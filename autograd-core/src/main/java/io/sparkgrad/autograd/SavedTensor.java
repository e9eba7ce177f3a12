// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import org.jspecify.annotations.Nullable;

/** A tensor that a backward formula needs; see Note [Life of a saved tensor]. */
public final class SavedTensor {
  private final Node owner;
  private final int version;
  private @Nullable Tensor tensor;

  SavedTensor(Node owner, Tensor tensor) {
    if (tensor.isInference()) {
      throw new AutogradException(
          "Inference tensors cannot be saved for backward, as "
              + owner.name()
              + " needs to; clone the tensor outside inference mode.");
    }
    this.owner = owner;
    // A leaf is kept itself, so that its gradient finds it; of anything else an alias with today's
    // history, since the
    // tensor itself may be given another by an operation in place.
    this.tensor = tensor.isLeaf() ? tensor : tensor.aliasWithHistory();
    this.version = tensor.version();
  }

  /** Saves a result: its history is the node that owns this. */
  static SavedTensor output(OpNode owner, Tensor result) {
    SavedTensor saved = new SavedTensor(owner, result.detach());
    saved.tensor = result.detach().withHistory(owner);
    return saved;
  }

  /**
   * The tensor as it was saved.
   *
   * @throws GraphFreedException if an earlier backward released it
   * @throws InplaceModificationException if it was overwritten since
   */
  public Tensor get() {
    Tensor t = tensor;
    if (t == null) {
      throw new GraphFreedException(owner.name());
    }
    if (t.version() != version) {
      Node producer = t.gradFn();
      throw new InplaceModificationException(
          ("a tensor needed for the gradient of %s has been modified by an inplace operation: %s %s%s is at version"
                  + " %d, expected version %d. Write out of place, or clone the tensor first.")
              .formatted(
                  owner.name(),
                  t.dtype(),
                  t.shape(),
                  producer == null
                      ? ""
                      : ", which is output %d of %s,".formatted(t.outputNr(), producer.name()),
                  t.version(),
                  version));
    }
    return t;
  }

  void release() {
    tensor = null;
  }
}
