// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.TaskContext;

/**
 * Passes its input on, and writes down the address of its task's GPU for each training batch it
 * sees, in a file whose name is attempt, rank and number of the batch. In rank 1 of the first
 * attempt CUDA breaks at one batch.
 */
public final class Witness extends Module {
  private final String folder;
  private final int fatalBatch;
  private int seen;

  /**
   * For one fit.
   *
   * @param folder that is there and empty
   * @param fatalBatch from 1; 0 for none
   */
  Witness(String folder, int fatalBatch) {
    this.folder = folder;
    this.fatalBatch = fatalBatch;
  }

  /** Found by name. */
  public static Module fromJson(LayerArguments a) {
    return new Witness(a.text("folder", ""), a.integer("fatalBatch", 0));
  }

  @Override
  public Tensor forward(Tensor x) {
    TaskContext task = TaskContext.get();
    if (!isTraining() || task == null) {
      return x;
    }
    seen++;
    int attempt = task.stageAttemptNumber();
    int rank = task.partitionId();
    if (attempt == 0 && rank == 1 && seen == fatalBatch) {
      throw new CudaException("cuLaunchKernel", 700, "CUDA_ERROR_ILLEGAL_ADDRESS", "broken");
    }
    try {
      Files.writeString(
          Path.of(folder, "%d %d %d".formatted(attempt, rank, seen)),
          String.join(",", task.resourcesJMap().get("gpu").addresses()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return x;
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("folder", folder).put("fatalBatch", fatalBatch);
  }
}
