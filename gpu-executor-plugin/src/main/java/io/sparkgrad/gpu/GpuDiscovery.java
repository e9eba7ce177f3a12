// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.gpu.cuda.CudaProbe;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.resource.ResourceDiscoveryPlugin;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.resource.ResourceRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds GPUs without nvidia-smi: {@code
 * spark.resources.discoveryPlugin=io.sparkgrad.gpu.GpuDiscovery}, in the configuration of whatever
 * looks for resources (standalone: the worker; YARN and Kubernetes: the application). The addresses
 * are numbers, which count as nvidia-smi does, by PCI bus; where CUDA_DEVICE_ORDER or
 * CUDA_VISIBLE_DEVICES is set they are CUDA's ordinals, and executors need the same two. Takes the
 * first as many as asked for, and does not look whether another process uses them; if there are
 * fewer, Spark says so.
 */
public final class GpuDiscovery implements ResourceDiscoveryPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(GpuDiscovery.class);

  /**
   * Where there is no GPU, an empty answer makes Spark ask the discovery script. It fails without
   * naming a cause if none is configured, hence the exception in that case.
   *
   * @throws IllegalStateException if there is no GPU and no script to ask
   */
  @Override
  public Optional<ResourceInformation> discoverResource(ResourceRequest request, SparkConf conf) {
    return request.id().resourceName().equals(GpuAddress.RESOURCE)
        ? discover(request, CudaProbe.thisMachine())
        : Optional.empty();
  }

  static Optional<ResourceInformation> discover(ResourceRequest request, CudaProbe probe) {
    int found = (int) Math.min(request.amount(), probe.deviceNames().size());
    if (found > 0) {
      String[] addresses =
          IntStream.range(0, found).mapToObj(Integer::toString).toArray(String[]::new);
      return Optional.of(new ResourceInformation(GpuAddress.RESOURCE, addresses));
    }
    String sentence =
        "GPU discovery for %s: expected %d, found none: %s"
            .formatted(request.id().componentName(), request.amount(), probe);
    if (request.discoveryScript().isEmpty()) {
      throw new IllegalStateException(
          sentence + "; unset " + request.id().amountConf() + " to go on without");
    }
    LOG.warn("{}; asking the discovery script {}", sentence, request.discoveryScript().get());
    return Optional.empty();
  }
}
