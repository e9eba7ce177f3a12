// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import org.jspecify.annotations.Nullable;

/** A tensor that a backward formula needs; see Note [Life of a saved tensor]. */
public final class SavedTensor {
  private final String user;
  private final int version;
  private final @Nullable Node history;
  private final int outputNr;
  private @Nullable Tensor tensor;

  /** Where the values come from if a checkpoint did not keep them. */
  private SavedTensorSink.@Nullable Slot slot;

  SavedTensor(Node owner, Tensor tensor) {
    this(owner.name(), tensor);
  }

  /**
   * @param user who needs it, for messages
   */
  SavedTensor(String user, Tensor tensor) {
    if (tensor.isInference()) {
      throw new AutogradException(
          "Inference tensors cannot be saved for backward, as "
              + user
              + " needs to; clone the tensor outside inference mode.");
    }
    this.user = user;
    this.version = tensor.version();
    this.history = tensor.gradFn();
    this.outputNr = tensor.outputNr();
    SavedTensorSink sink = Modes.current().sink;
    this.slot = sink == null ? null : sink.take(user, tensor);
    // A leaf is kept itself, so that its gradient finds it; of anything else an alias with today's
    // history, since the tensor itself may be given another by an operation in place.
    if (tensor.isLeaf() && (slot == null || tensor.requiresGrad())) {
      this.tensor = tensor;
    } else if (slot == null) {
      this.tensor = tensor.aliasWithHistory();
    }
  }

  /** Saves a result: its history is the node that owns this. */
  static SavedTensor output(Node owner, Tensor result) {
    return new SavedTensor(owner, result.detach().withHistory(owner));
  }

  /**
   * The tensor as it was saved.
   *
   * @throws GraphFreedException if an earlier backward released it
   * @throws InplaceModificationException if it was overwritten since
   */
  public Tensor get() {
    Tensor recomputed = slot == null ? null : slot.get();
    if (recomputed != null) {
      recomputed.storage().disown();
    }
    Tensor t = tensor;
    if (t == null) {
      if (recomputed == null) {
        throw new GraphFreedException(user);
      }
      return history == null ? recomputed : recomputed.detach().withHistory(history, outputNr);
    }
    if (t.version() != version) {
      Node producer = t.gradFn();
      throw new InplaceModificationException(
          ("a tensor needed for the gradient of %s has been modified by an inplace operation: %s %s%s is at version"
                  + " %d, expected version %d. Write out of place, or clone the tensor first; Anomaly.detect()"
                  + " around the forward pass logs where it was needed.")
              .formatted(
                  user,
                  t.dtype(),
                  t.shape(),
                  producer == null
                      ? ""
                      : ", which is output %d of %s,".formatted(t.outputNr(), producer.name()),
                  t.writesBefore() + t.version(),
                  t.writesBefore() + version));
    }
    return t;
  }

  void release() {
    tensor = null;
    if (slot != null) {
      slot.release();
      slot = null;
    }
  }
}
