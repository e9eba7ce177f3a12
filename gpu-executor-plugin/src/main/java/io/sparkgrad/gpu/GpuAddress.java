// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.resource.ResourceInformation;

/**
 * How Spark names one GPU to an executor: a number, or a UUID as nvidia-smi prints it. Spark passes
 * on whatever a discovery script printed, and takes a blank for the address of one GPU.
 */
record GpuAddress(String text) {
  /** The name under which Spark schedules GPUs. */
  static final String RESOURCE = "gpu";

  private static final Pattern VALID = Pattern.compile("[0-9]+|(GPU|MIG)-[0-9A-Za-z/-]+");

  GpuAddress {
    if (!VALID.matcher(text).matches()) {
      throw new IllegalArgumentException(
          ("GPU address: expected a number or a UUID (GPU-… or MIG-…), got '%s'; correct the discovery"
                  + " script (spark.*.resource.gpu.discoveryScript) or use"
                  + " spark.resources.discoveryPlugin=%s")
              .formatted(text, GpuDiscovery.class.getName()));
    }
  }

  /**
   * The GPUs among an executor's resources, none if Spark assigned none.
   *
   * @throws IllegalArgumentException if one is not an address, in one sentence
   */
  static List<GpuAddress> of(Map<String, ResourceInformation> resources) {
    ResourceInformation gpus = resources.get(RESOURCE);
    return gpus == null ? List.of() : Arrays.stream(gpus.addresses()).map(GpuAddress::new).toList();
  }

  @Override
  public String toString() {
    return text;
  }
}
