// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Posts events of ours to Spark's listeners. To Scala the bus is Spark's own; this is the one home
 * of it.
 */
final class ListenerBus {
  private final SparkContext context;

  ListenerBus(SparkContext context) {
    this.context = context;
  }

  /** Does not wait for the listeners. */
  void post(SparkListenerEvent event) {
    context.listenerBus().post(event);
  }
}
