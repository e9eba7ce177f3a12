// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Consumer;

/** The driver's ear: takes the short texts that rank 0 sends, in order, and hands them on. */
public final class ProgressServer implements AutoCloseable {
  private final UUID fit;
  private final SparkTransport transport;

  private ProgressServer(UUID fit, Consumer<String> listener) {
    this.fit = fit;
    this.transport =
        new SparkTransport(
            SparkTransport.Site.ofThisProcess(),
            new SparkTransport.Receiver() {
              @Override
              public void received(Object connection, ByteBuffer message) {
                ProgressMessage told = ProgressMessage.decode(message);
                if (told != null && told.fit().equals(fit)) {
                  listener.accept(told.text());
                }
              }

              @Override
              public void disconnected(Object connection) {}
            });
  }

  /** Listens; {@code listener} is called by a thread of the network. */
  public static ProgressServer open(UUID fit, Consumer<String> listener) {
    return new ProgressServer(fit, listener);
  }

  public ProgressEndpoint endpoint() {
    return new ProgressEndpoint(fit, transport.host(), transport.port());
  }

  @Override
  public void close() {
    transport.close();
  }
}
