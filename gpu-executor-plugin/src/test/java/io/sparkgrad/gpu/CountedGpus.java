// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.resource.ResourceDiscoveryPlugin;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.resource.ResourceRequest;

/**
 * Gives each worker of local-cluster, all of which live in this process, the next number as the
 * address of its GPU; or a blank, if the system property {@value #BLANK} is true.
 */
public final class CountedGpus implements ResourceDiscoveryPlugin {
  static final String BLANK = "test.gpu.blank";
  private static final AtomicInteger NEXT = new AtomicInteger();

  @Override
  public Optional<ResourceInformation> discoverResource(ResourceRequest request, SparkConf conf) {
    String address = Boolean.getBoolean(BLANK) ? "" : String.valueOf(NEXT.getAndIncrement());
    return Optional.of(new ResourceInformation("gpu", new String[] {address}));
  }
}
