// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.Communicator;
import java.util.List;

/**
 * The running statistics of batch norms, which each rank takes from its own batches: from time to
 * time all ranks go on with the mean of theirs, each weighing as much as it has rows. Batch norms
 * in eval mode, whose statistics stand still, take no part.
 */
final class RunningStatistics {
  private final Module network;
  private final Communicator communicator;
  private final long rows;

  /**
   * Of one rank.
   *
   * @param rows that it trains on; 0 if its statistics do not count
   */
  RunningStatistics(Module network, Communicator communicator, long rows) {
    this.network = network;
    this.communicator = communicator;
    this.rows = rows;
  }

  /**
   * Makes the statistics of batch norms that are in train mode equal on all ranks, bit for bit;
   * each rank calls it. So does the number of batches they counted, rounded.
   */
  void average() {
    List<Tensor> statistics =
        network.namedModules().values().stream()
            .filter(m -> m instanceof BatchNorm && m.isTraining())
            .flatMap(m -> m.buffers().stream())
            .toList();
    if (communicator.worldSize() == 1 || statistics.isEmpty()) {
      return;
    }
    int length = Math.toIntExact(statistics.stream().mapToLong(Tensor::numel).sum());
    double[] sums = new double[length + 1];
    if (rows > 0) {
      weigh(statistics, sums);
    }
    sums[length] = rows;
    communicator.allReduceSum(sums);
    int offset = 0;
    for (Tensor t : statistics) {
      double[] mean = new double[Math.toIntExact(t.numel())];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = sums[offset++] / sums[length];
        mean[i] = t.dtype() == DType.INT64 ? Math.rint(mean[i]) : mean[i];
      }
      t.backend().upload(mean, t.buffer());
      t.written();
    }
  }

  private void weigh(List<Tensor> statistics, double[] sums) {
    int offset = 0;
    for (Tensor t : statistics) {
      for (double value : t.toDoubleArray()) {
        sums[offset++] = rows * value;
      }
    }
  }
}
