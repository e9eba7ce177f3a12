// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AnomalyTest {
  private static Tensor sqrt(double... values) {
    return v(values).requiresGrad_().sqrt().sum();
  }

  /** What is logged while a call runs. */
  private static List<LogRecord> logged(Runnable call) {
    List<LogRecord> records = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            records.add(entry);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Anomaly.class.getName());
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      call.run();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
    return records;
  }

  private static void failing(Tensor y) {
    Throws.saying(
        AnomalyException.class,
        y::backward,
        "SqrtBackward",
        "returned nan values in its 0th output");
  }

  @Test
  @DisplayName("ANOM-1, I07: NaN in a gradient names the node, and the log its forward call")
  void nan() {
    try (var scope = Anomaly.detect()) {
      Tensor y = sqrt(-1, 4);
      List<LogRecord> records = logged(() -> failing(y));
      assertEquals(1, records.size());
      assertTrue(records.get(0).getMessage().contains("SqrtBackward"));
      Throwable origin = records.get(0).getThrown();
      assertTrue(
          Arrays.stream(origin.getStackTrace())
              .anyMatch(f -> f.getClassName().equals(AnomalyTest.class.getName())));
    }
    sqrt(-1, 4).backward(); // outside nothing is checked
  }

  @Test
  @DisplayName("ANOM-1: a graph from outside the mode has no forward information")
  void recordedOutside() {
    Tensor y = sqrt(-1);
    try (var scope = Anomaly.detect()) {
      List<LogRecord> records = logged(() -> failing(y));
      assertNull(records.get(0).getThrown());
      assertTrue(records.get(0).getMessage().contains("no forward information"));
    }
  }

  @Test
  @DisplayName("ANOM-1, I07: without checkNan it goes through, and infinity is never reported")
  void notChecked() {
    Tensor x = v(-1, 4).requiresGrad_();
    try (var scope = Anomaly.detect(false)) {
      x.sqrt().sum().backward();
      values(x.grad(), Double.NaN, 0.25);
      try (var inner = Anomaly.detect()) {
        sqrt(0).backward();
        inner.close();
        inner.close();
      }
      sqrt(-1).backward();
    }
  }

  @Test
  @DisplayName("ANOM-1: in the second derivative the origin names the node that made it as well")
  void parent() {
    Tensor x = v(2).requiresGrad_();
    try (var scope = Anomaly.detect()) {
      Tensor y = x.pow(3);
      Tensor g =
          Autograd.grad(
                  List.of(y), List.of(x), null, Autograd.Options.DEFAULT.withCreateGraph(true))
              .get(0);
      Anomaly.Origin origin = g.gradFn().madeAt();
      assertNotNull(origin);
      assertSame(y.gradFn().madeAt(), origin.getCause());
    }
    assertNull(x.pow(3).gradFn().madeAt());
  }
}
