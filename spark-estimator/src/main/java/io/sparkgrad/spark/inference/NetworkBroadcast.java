// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * A network that is sent to the executors once, however often it is asked for there: Spark keeps
 * one object per executor. A model and its copies share one of these; when all of them and the
 * DataFrames that they made are gone, Spark removes the network from the executors.
 */
public final class NetworkBroadcast implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SharedNetwork network;
  private transient @Nullable Sent sent;

  private record Sent(SparkContext context, Broadcast<SharedNetwork> broadcast) {}

  public NetworkBroadcast(SharedNetwork network) {
    this.network = network;
  }

  /** The network on this machine. */
  public SharedNetwork network() {
    return network;
  }

  /** Sent again only for another application: a model may outlive the one that trained it. */
  synchronized Broadcast<SharedNetwork> on(SparkContext context) {
    Sent s = sent;
    if (s == null || s.context != context) {
      s = new Sent(context, JavaSparkContext.fromSparkContext(context).broadcast(network));
      sent = s;
    }
    return s.broadcast;
  }
}
