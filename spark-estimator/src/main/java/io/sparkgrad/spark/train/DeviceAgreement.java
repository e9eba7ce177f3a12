// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.TaskDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All ranks compute on GPUs, or all on CPUs: mixed, the slowest would set the pace of all, and
 * which sums are rounded how would depend on where Spark put whom.
 */
final class DeviceAgreement {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceAgreement.class);

  private DeviceAgreement() {}

  /**
   * Meets the other ranks, unless nobody wants a GPU.
   *
   * @param own what this rank has
   * @param host this rank's, for messages
   * @throws InputException on the first rank without a GPU, where one is asked for
   * @throws TrainingException on the others then
   */
  static Backend agree(
      Communicator communicator, DevicePreference wanted, TaskDevice own, String host) {
    if (wanted == DevicePreference.CPU) {
      return own.backend();
    }
    int rank = communicator.rank();
    double[] lacking = new double[communicator.worldSize()];
    lacking[rank] = own.withoutGpu().isPresent() ? 1 : 0;
    communicator.allReduceSum(lacking);
    int first = 0;
    while (first < lacking.length && lacking[first] == 0) {
      first++;
    }
    if (first == lacking.length) {
      return own.backend();
    }
    if (wanted == DevicePreference.GPU) {
      throw refusal(first == rank, rank, first, host, own);
    }
    if (first == rank) {
      LOG.info(
          "device=auto: all {} ranks compute on the CPU, since rank {} (host {}) has no GPU: {}",
          lacking.length,
          rank,
          host,
          own.withoutGpu().orElseThrow());
    } else if (own.withoutGpu().isEmpty()) {
      LOG.warn("device=auto: the GPU of rank {} is not used, since rank {} has none", rank, first);
    }
    return Backends.cpu().backend();
  }

  private static RuntimeException refusal(
      boolean isFirst, int rank, int first, String host, TaskDevice own) {
    return isFirst
        ? new InputException(
            "device: gpu is asked for, but rank %d (host %s) cannot use one: %s; set device to auto or cpu."
                .formatted(rank, host, own.withoutGpu().orElseThrow()))
        : new TrainingException("rank " + first + " cannot use a GPU");
  }
}
