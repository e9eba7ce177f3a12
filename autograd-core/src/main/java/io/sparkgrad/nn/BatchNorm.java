// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.ProcessGroup;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What batch norms of all ranks share: parameters {@code weight} and {@code bias}, buffers {@code
 * running_mean}, {@code running_var} and {@code num_batches_tracked}. In training each batch is
 * normalised by its own statistics and moves the running ones, frozen or not; in eval mode the
 * running ones serve.
 */
public abstract sealed class BatchNorm extends Module permits BatchNorm1d, BatchNorm2d {
  private static final System.Logger LOG = System.getLogger(BatchNorm.class.getName());
  private static final String TRACKED = "num_batches_tracked";

  private final int numFeatures;
  private final BatchNormOptions options;
  private final @Nullable Parameter weight;
  private final @Nullable Parameter bias;
  private final io.sparkgrad.autograd.op.BatchNorm.@Nullable Running running;
  private final @Nullable Tensor tracked;
  private @Nullable ProcessGroup group;
  private boolean warned;

  BatchNorm(int numFeatures, BatchNormOptions options) {
    this.numFeatures = numFeatures;
    this.options = options;
    boolean affine = options.affine();
    weight = affine ? registerParameter("weight", new Parameter(Tensor.ones(numFeatures))) : null;
    bias = affine ? registerParameter("bias", new Parameter(Tensor.zeros(numFeatures))) : null;
    if (options.trackRunningStats()) {
      running =
          new io.sparkgrad.autograd.op.BatchNorm.Running(
              registerBuffer("running_mean", Tensor.zeros(numFeatures)),
              registerBuffer("running_var", Tensor.ones(numFeatures)));
      tracked = registerBuffer(TRACKED, Tensor.scalar(0).to(DType.INT64));
    } else {
      running = null;
      tracked = null;
    }
  }

  /**
   * Takes the statistics in training from the batches of all processes together, as {@code
   * torch.nn.SyncBatchNorm}; in eval mode nothing changes. Not part of the architecture.
   *
   * @param value null for this process's batch alone
   */
  public final void setProcessGroup(@Nullable ProcessGroup value) {
    group = value;
  }

  /** How many channels it normalises. */
  public final int numFeatures() {
    return numFeatures;
  }

  /** Null if the layer has none. */
  public final @Nullable Parameter weight() {
    return weight;
  }

  /** Null if the layer has none. */
  public final @Nullable Parameter bias() {
    return bias;
  }

  abstract boolean accepts(int rank);

  abstract String expected();

  @Override
  public final Tensor forward(Tensor x) {
    if (!accepts(x.rank())) {
      throw new ShapeMismatchException(
          "%s: expected %s input, got shape %s"
              .formatted(getClass().getSimpleName(), expected(), x.shape()));
    }
    if (running != null && !isTraining()) {
      return io.sparkgrad.autograd.op.BatchNorm.inference(x, weight, bias, options.eps(), running);
    }
    warnIfFrozen();
    if (group != null && isTraining()) {
      return io.sparkgrad.autograd.op.BatchNorm.ofGroup(
          x, weight, bias, options.eps(), running, momentum(), group);
    }
    return io.sparkgrad.autograd.op.BatchNorm.of(
        x, weight, bias, options.eps(), running, momentum());
  }

  /**
   * The norm as a factor and a summand for each channel.
   *
   * @return null if it normalises by the batch's statistics, or x by other channels than these
   */
  final io.sparkgrad.autograd.op.BatchNorm.@Nullable Folded folded(long channels) {
    return running == null || isTraining() || numFeatures != channels
        ? null
        : io.sparkgrad.autograd.op.BatchNorm.folded(weight, bias, options.eps(), running);
  }

  private void warnIfFrozen() {
    if (!warned && running != null && isTraining() && isFrozen()) {
      warned = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "%s: its parameters are frozen (requiresGrad=false), but it is in train mode, in which its running statistics still move; call eval() on it after train() on the network to keep them"
              .formatted(this));
    }
  }

  private boolean isFrozen() {
    return weight != null && bias != null && !weight.requiresGrad() && !bias.requiresGrad();
  }

  /** Counts the batch. */
  private double momentum() {
    Double momentum = options.momentum();
    if (tracked == null) {
      return 0; // nothing is running
    }
    long count = (long) tracked.item() + 1; // which the host knows as long as it writes it itself
    tracked.fill_(count);
    return momentum == null ? 1.0 / count : momentum;
  }

  /** Files from before PyTorch counted batches lack it. */
  @Override
  final Set<String> optionalState() {
    return Set.of(TRACKED);
  }

  @Override
  protected final void describe(ObjectNode json) {
    json.put("num_features", numFeatures);
    options.describe(json);
  }

  @Override
  protected final String arguments() {
    return numFeatures + ", " + options.arguments();
  }
}
