// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What code says through {@link System.Logger} at level WARNING. */
public final class Warnings {
  private Warnings() {}

  /** The messages that {@code source} logs while {@code code} runs. */
  public static List<String> of(Class<?> source, Runnable code) {
    List<String> messages = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            if (record.getLevel().equals(Level.WARNING)) {
              messages.add(record.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(source.getName());
    boolean toParents = logger.getUseParentHandlers();
    logger.setUseParentHandlers(false); // expected: not for the console
    logger.addHandler(handler);
    try {
      code.run();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(toParents);
    }
    return messages;
  }
}
