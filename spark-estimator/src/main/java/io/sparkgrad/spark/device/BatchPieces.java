// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes batches in pieces that the device has memory for. A piece that has not, leaves nothing
 * behind and is halved, down to one row; from then on no piece is larger. The losses of rows add
 * up, so the pieces' gradients do too.
 *
 * <p>A piece larger than any before may fail in the middle of its backward, when it is too late to
 * take back what was sent: its gradients are sent only after it.
 */
final class BatchPieces {
  private static final Logger LOG = LoggerFactory.getLogger(BatchPieces.class);

  private final OutOfMemory onOutOfMemory;
  private final List<Parameter> parameters;
  private int most = Integer.MAX_VALUE;

  /** Rows of the largest piece that came through. */
  private int fitting;

  /** Adds the gradients of rows. */
  @FunctionalInterface
  interface Piece {
    /**
     * Computes rows {@code from} to {@code to - 1}.
     *
     * @param last whether it is the batch's last piece, and sure to fit
     */
    void run(int from, int to, boolean last);
  }

  /**
   * For batches of one network.
   *
   * @param parameters those with gradients
   */
  BatchPieces(OutOfMemory onOutOfMemory, List<Parameter> parameters) {
    this.onOutOfMemory = onOutOfMemory;
    this.parameters = parameters;
  }

  /**
   * Runs rows {@code from} to {@code to - 1}.
   *
   * @throws InputException if the memory does not suffice, with sizes
   */
  void run(int from, int to, Piece piece) {
    for (int start = from; start < to; ) {
      int end = Math.min(to, start + Math.min(most, to - start));
      int rows = end - start;
      boolean sure = onOutOfMemory == OutOfMemory.FAIL || rows <= fitting;
      List<@Nullable Tensor> before = sure ? List.of() : gradients();
      try {
        piece.run(start, end, sure && end == to);
        fitting = Math.max(fitting, rows);
        start = end;
      } catch (OutOfDeviceMemoryException e) {
        if (sure || rows == 1) {
          throw tooLarge(rows, e);
        }
        restore(before);
        most = (rows + 1) / 2;
        LOG.warn(
            "{} rows do not fit the device (onOutOfMemory=split: at most {} at once from here on): {}",
            rows,
            most,
            e.getMessage());
      }
    }
  }

  private InputException tooLarge(int rows, OutOfDeviceMemoryException e) {
    return new InputException(
        "batchSize: %d rows do not fit the device (%s); %s."
            .formatted(
                rows,
                e.getMessage(),
                onOutOfMemory == OutOfMemory.FAIL
                    ? "lower batchSize or set onOutOfMemory=split"
                    : "use a smaller network, or give the device to fewer tasks"),
        e);
  }

  /** Copies, since gradients are added to in place; none in the first batch of a step. */
  private List<@Nullable Tensor> gradients() {
    List<@Nullable Tensor> all = new ArrayList<>();
    for (Parameter p : parameters) {
      Tensor grad = p.grad();
      all.add(grad == null ? null : grad.detach().copy());
    }
    return all;
  }

  private void restore(List<@Nullable Tensor> gradients) {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).setGrad(gradients.get(i));
    }
  }
}
