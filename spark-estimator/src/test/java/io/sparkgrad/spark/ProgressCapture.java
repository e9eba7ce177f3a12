// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** Hears what the progress logger says, until it is closed; there may be several at once. */
final class ProgressCapture extends AbstractAppender implements AutoCloseable {
  private static final String NAME = "io.sparkgrad.spark.Progress";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Consumer<String> listener;
  private final Level before = logger().getLevel();

  private ProgressCapture(Consumer<String> listener) {
    // A logger takes one appender of a name.
    super("progress capture " + COUNT.incrementAndGet(), null, null, true, Property.EMPTY_ARRAY);
    this.listener = listener;
  }

  static ProgressCapture of(Consumer<String> listener) {
    ProgressCapture capture = new ProgressCapture(listener);
    capture.start();
    Configurator.setLevel(NAME, Level.INFO);
    logger().addAppender(capture);
    return capture;
  }

  private static Logger logger() {
    return (Logger) LogManager.getLogger(NAME);
  }

  @Override
  public void append(LogEvent event) {
    listener.accept(event.getMessage().getFormattedMessage());
  }

  @Override
  public void close() {
    logger().removeAppender(this);
    Configurator.setLevel(NAME, before);
    stop();
  }
}
