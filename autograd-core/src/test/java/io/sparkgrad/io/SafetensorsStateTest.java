// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.io;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.shape.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What saving does to tensors and modules; the bytes of a file: {@link SafetensorsTest}. */
class SafetensorsStateTest {
  private static Map<String, Tensor> thereAndBack(Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(tensors, Map.of(), out);
    return Safetensors.read(out.toByteArray(), "test");
  }

  @Test
  @DisplayName("SER-3: what is not laid out in rows is written in rows")
  void transposed() throws IOException {
    Tensor x = t(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
    values(thereAndBack(Map.of("x", x)).get("x"), Shape.of(3, 2), 1, 4, 2, 5, 3, 6);
  }

  @Test
  @DisplayName("SER-3, S02: tied weights are written under both names and load into the one object")
  void tied() throws IOException {
    Linear shared = new Linear(2, 2, false);
    Map<String, Tensor> state = thereAndBack(new Sequential(shared, shared).stateDict());
    assertEquals(List.of("0.weight", "1.weight"), List.copyOf(state.keySet()));
    Linear other = new Linear(2, 2, false);
    new Sequential(other, other).loadStateDict(state, true);
    assertArrayEquals(shared.weight().toDoubleArray(), other.weight().toDoubleArray());
    Sequential untied = new Sequential(new Linear(2, 2, false), new Linear(2, 2, false));
    untied.loadStateDict(state, true);
    assertEquals(2, untied.parameters().size());
    untied.parameters().forEach(p -> values(p, shared.weight().toDoubleArray()));
  }

  @Test
  @DisplayName("SER-6: saving leaves flags, graph and version as they are")
  void savingLeavesNoTrace() throws IOException {
    Tensor leaf = v(1, 2).requiresGrad_();
    Tensor result = leaf.square();
    thereAndBack(Map.of("leaf", leaf, "result", result));
    assertTrue(leaf.requiresGrad() && leaf.isLeaf() && !result.isLeaf());
    assertEquals(0, leaf.version());
    result.sum().backward();
    values(leaf.grad(), 2, 4);
  }

  @Test
  @DisplayName("SER-6: Java's own serialization takes neither tensors nor modules")
  void javaSerialization() {
    Tensor leaf = v(1).requiresGrad_();
    for (Object refused : List.of(leaf.mul(2), leaf, new Linear(1, 1))) {
      assertThrows(
          NotSerializableException.class,
          () -> new ObjectOutputStream(OutputStream.nullOutputStream()).writeObject(refused));
    }
  }
}
