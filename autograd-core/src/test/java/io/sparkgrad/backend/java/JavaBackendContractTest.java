// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendContractTest;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class JavaBackendContractTest extends BackendContractTest {
  private static final Backend BACKEND = new JavaBackendProvider().open(0);

  @Override
  public Backend backend() {
    return BACKEND;
  }

  @Test
  void bothTypes() {
    assertEquals(List.of(DType.FLOAT32, DType.FLOAT64), types());
  }

  @Test
  void tooLong() {
    var e = assertThrows(BackendException.class, () -> BACKEND.allocate(DType.BOOL, 1L << 31));
    assertEquals(
        "java backend: a tensor of 2147483648 elements is longer than a Java array can be (2147483639)",
        e.getMessage());
  }

  @Test
  void foreignBuffer() {
    var foreign = new CountingBackend(BACKEND).backend().allocate(DType.FLOAT32, 1);
    var e = assertThrows(BackendException.class, () -> BACKEND.fill(foreign, 1));
    assertEquals("java backend: the buffer belongs to backend java", e.getMessage());
  }
}
