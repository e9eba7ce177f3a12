// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.sparkgrad.spark.allreduce.SparkTransport.Connection;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the driver how far training is. Best effort: a driver that cannot be reached costs a
 * warning, not the fit.
 */
public final class ProgressReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProgressReporter.class);

  private final UUID fit;
  private final @Nullable SparkTransport transport;
  private final @Nullable Connection connection;

  private ProgressReporter(
      UUID fit, @Nullable SparkTransport transport, @Nullable Connection connection) {
    this.fit = fit;
    this.transport = transport;
    this.connection = connection;
  }

  /** Tells nobody. */
  public static ProgressReporter silent() {
    return new ProgressReporter(new UUID(0, 0), null, null);
  }

  public static ProgressReporter connect(ProgressEndpoint endpoint) {
    SparkTransport transport =
        new SparkTransport(SparkTransport.Site.ofThisProcess(), SparkTransport.Receiver.NONE);
    Connection connection = null;
    try {
      connection = transport.connect(endpoint.host(), endpoint.port());
    } catch (IOException e) {
      LOG.warn(
          "no progress will be shown: the driver cannot be reached at {}:{}: {}",
          endpoint.host(),
          endpoint.port(),
          e.getMessage());
    }
    return new ProgressReporter(endpoint.fit(), transport, connection);
  }

  public void report(String text) {
    if (connection != null) {
      connection.send(new ProgressMessage(fit, text).encode());
    }
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
    }
    if (transport != null) {
      transport.close();
    }
  }
}
