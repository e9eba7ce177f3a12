// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.device;

import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes batches in pieces that the device has memory for. When it has not enough for a piece,
 * what was begun is begun again, with pieces of at most half as many rows from then on.
 */
public final class BatchPieces {
  private static final Logger LOG = LoggerFactory.getLogger(BatchPieces.class);

  private final OutOfMemory onOutOfMemory;
  private final String param;
  private final int fewest;
  private int most = Integer.MAX_VALUE;

  /** Rows of the piece that was begun last. */
  private int rows;

  /** Computes rows. */
  @FunctionalInterface
  public interface Piece {
    /**
     * Computes rows {@code from} to {@code to - 1}.
     *
     * @param last whether it is the last piece of its batch
     */
    void run(int from, int to, boolean last);
  }

  /**
   * For batches that need the same memory.
   *
   * @param param that says how many rows a batch has, for messages
   * @param fewest rows that are not halved, at least 1
   */
  public BatchPieces(OutOfMemory onOutOfMemory, String param, int fewest) {
    this.onOutOfMemory = onOutOfMemory;
    this.param = param;
    this.fewest = fewest;
  }

  /**
   * Runs what computes batches by {@link #each} until all its pieces fit.
   *
   * @param mark is asked, before the work begins, for what takes back all that the work does
   * @throws InputException if the memory does not suffice, with sizes
   */
  public void run(Runnable work, Supplier<Runnable> mark) {
    Runnable undo = onOutOfMemory == OutOfMemory.FAIL ? () -> {} : mark.get();
    while (true) {
      try {
        work.run();
        return;
      } catch (OutOfDeviceMemoryException e) {
        halve(e);
        undo.run();
      }
    }
  }

  /** Runs rows {@code from} to {@code to - 1}, piece by piece. */
  public void each(int from, int to, Piece piece) {
    for (int start = from; start < to; start += rows) {
      rows = Math.min(most, to - start);
      piece.run(start, start + rows, start + rows == to);
    }
  }

  private void halve(OutOfDeviceMemoryException e) {
    if (onOutOfMemory == OutOfMemory.FAIL || rows <= fewest) {
      throw tooLarge(e);
    }
    most = Math.max(fewest, (rows + 1) / 2);
    LOG.warn(
        "{} rows do not fit the device (onOutOfMemory=split: at most {} at once from here on): {}",
        rows,
        most,
        e.sizes());
  }

  private InputException tooLarge(OutOfDeviceMemoryException e) {
    return new InputException(
        "%s: a batch of %s does not fit the device (%s); %s."
            .formatted(
                param,
                rows == 1 ? "1 row" : rows + " rows",
                e.sizes(),
                onOutOfMemory == OutOfMemory.FAIL
                    ? "lower %s or set onOutOfMemory=split".formatted(param)
                    : "use a smaller network, or give the device to fewer tasks"),
        e);
  }
}
