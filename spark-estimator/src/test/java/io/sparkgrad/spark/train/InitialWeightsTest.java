// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.data.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InitialWeightsTest {
  /** body.weight, body.bias, fc.weight, fc.bias; the head is for so many classes. */
  private static byte[] pretrained(int classes) {
    return NetworkFactory.weights(network("fc", classes), Map.of());
  }

  private static Module network(String head, int classes) {
    return Sequential.builder()
        .add("body", new Linear(2, 3))
        .add(head, new Linear(3, classes))
        .build();
  }

  private static InitialWeights weights(
      List<String> mapping, List<String> ignored, boolean strict) {
    return new InitialWeights("file.safetensors", mapping, ignored, strict);
  }

  private static float[] values(Module network, String name) {
    return network.stateDict().get(name).toFloatArray();
  }

  @Test
  @DisplayName("a head of another size is left out, and the rest is loaded")
  void replacedHead() {
    byte[] file = pretrained(5);
    Module target = network("fc", 2);
    float[] body = values(target, "body.weight").clone();
    float[] head = values(target, "fc.weight").clone();
    weights(List.of(), List.of("fc"), false).loadInto(target, file);
    assertArrayEquals(head, values(target, "fc.weight"));
    assertNotEquals(Arrays.toString(body), Arrays.toString(values(target, "body.weight")));
  }

  @Test
  @DisplayName("prefixes are mapped, the first that fits counts")
  void mapping() {
    Module source = network("fc", 2);
    Module target = network("head", 2);
    weights(List.of("fc.=head.", "f=x"), List.of(), true)
        .loadInto(target, NetworkFactory.weights(source, Map.of()));
    assertArrayEquals(values(source, "fc.weight"), values(target, "head.weight"));
    assertArrayEquals(values(source, "body.bias"), values(target, "body.bias"));
  }

  private static String refused(InitialWeights weights, Module target, byte[] file) {
    return assertThrows(InputException.class, () -> weights.loadInto(target, file)).getMessage();
  }

  @Test
  @DisplayName("what does not fit is refused in a sentence with the remedy")
  void refused() {
    byte[] file = pretrained(5);
    String shape = refused(weights(List.of(), List.of(), false), network("fc", 2), file);
    assertTrue(shape.contains("fc.weight") && shape.contains("initialWeightsIgnore"), shape);
    assertEquals(
        "initialWeights: file.safetensors holds tensors that the network does not have: fc.weight,"
            + " fc.bias; map them by initialWeightsMapping or leave them out by"
            + " initialWeightsIgnore.",
        refused(weights(List.of(), List.of(), false), network("head", 2), file));
    assertEquals(
        "initialWeights: file.safetensors lacks head.weight, head.bias, which initialWeightsStrict"
            + " demands.",
        refused(weights(List.of(), List.of("fc.*"), true), network("head", 2), file));
    assertEquals(
        "initialWeightsMapping: expected prefixes as old=new, got 'fc'.",
        refused(weights(List.of("fc"), List.of(), false), network("fc", 5), file));
    String unknown = refused(weights(List.of(), List.of("gc"), false), network("fc", 5), file);
    assertTrue(unknown.startsWith("initialWeightsIgnore: file.safetensors has no tensor 'gc'"));
  }
}
