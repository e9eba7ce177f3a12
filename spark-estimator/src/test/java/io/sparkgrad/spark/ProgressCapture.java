// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.util.function.Consumer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** Hears what the progress logger says, until it is closed. */
final class ProgressCapture extends AbstractAppender implements AutoCloseable {
  private static final String NAME = "io.sparkgrad.spark.Progress";

  private final Consumer<String> listener;

  private ProgressCapture(Consumer<String> listener) {
    super("progress capture", null, null, true, Property.EMPTY_ARRAY);
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
    Configurator.setLevel(NAME, Level.WARN);
    stop();
  }
}
