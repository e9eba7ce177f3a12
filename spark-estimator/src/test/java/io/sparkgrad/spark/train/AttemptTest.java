// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.spark.data.InputException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AttemptTest {
  private static RuntimeException failure(Runnable work) {
    var attempt = new Attempt();
    attempt.run(work);
    assertEquals(1, attempt.failures());
    return assertThrows(RuntimeException.class, () -> attempt.proceed(1));
  }

  @Test
  @DisplayName("arguments that an operation refuses are bad input")
  void input() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    for (Runnable work : new Runnable[] {() -> x.reshape(3), () -> x.select(0, 2)}) {
      RuntimeException e = failure(work);
      assertSame(InputException.class, e.getClass());
      assertEquals(e.getCause().getMessage(), e.getMessage());
    }
  }

  @Test
  @DisplayName("what backends and the JVM throw stays what it is, for Spark to try again")
  void others() {
    for (RuntimeException e :
        new RuntimeException[] {
          new BackendException("a buffer of another device"), new ArrayIndexOutOfBoundsException(3)
        }) {
      assertSame(
          e,
          failure(
              () -> {
                throw e;
              }));
    }
  }
}
