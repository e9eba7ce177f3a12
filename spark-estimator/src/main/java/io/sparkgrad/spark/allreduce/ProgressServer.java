// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Consumer;

/** The driver's ear: takes the short texts that rank 0 sends, in order, and hands them on. */
public final class ProgressServer implements AutoCloseable {
  private final UUID fit;
  private final SparkTransport transport;

  private ProgressServer(UUID fit, Consumer<String> listener) {
    this.fit = fit;
    this.transport =
        SparkTransport.ofThisProcess(
            new SparkTransport.Receiver() {
              @Override
              public void received(Object connection, ByteBuffer message) {
                Frame frame = Frame.decode(message);
                if (frame != null && frame.fit().equals(fit)) {
                  listener.accept(StandardCharsets.UTF_8.decode(frame.payload()).toString());
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
