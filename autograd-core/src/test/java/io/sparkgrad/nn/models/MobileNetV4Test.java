// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MobileNetV4Test {
  private static final int SIDE = 112;

  @Test
  @DisplayName("features of ten images equal those of the ONNX model within 1e-4")
  void golden() throws IOException {
    Module net = MobileNetV4.convSmall050Backbone();
    net.loadStateDict(
        Safetensors.read(resource("detypify_mnv4_backbone336.safetensors"), "backbone"), true);
    net.eval();
    JsonNode items = new ObjectMapper().readTree(resource("golden_fashion_t10k.json")).get("items");
    assertEquals(10, items.size());
    byte[] pixels = resource("fashion_t10k_first10.bin");
    float[] images = new float[items.size() * SIDE * SIDE];
    for (int i = 0; i < images.length; i++) {
      int image = i / (SIDE * SIDE);
      int row = i / SIDE % SIDE / 4;
      int column = i % SIDE / 4;
      images[i] = (pixels[image * 784 + row * 28 + column] & 0xFF) / 255f;
    }
    float[] features;
    try (var mode = GradMode.noGrad()) {
      features = net.forward(Tensor.of(images, items.size(), 1, SIDE, SIDE)).toFloatArray();
    }
    float[] expected = new float[features.length];
    for (int i = 0; i < items.size(); i++) {
      JsonNode feat = items.get(i).get("feat336");
      assertEquals(i, items.get(i).get("i").asInt());
      assertEquals(MobileNetV4.CONV_SMALL_050_FEATURES, feat.size());
      for (int j = 0; j < feat.size(); j++) {
        expected[i * feat.size() + j] = (float) feat.get(j).asDouble();
      }
    }
    assertArrayEquals(expected, features, 1e-4f);
  }

  @Test
  void survivesTheWayThroughJson() {
    Module net = MobileNetV4.convSmall050(10);
    Module again = Architecture.fromJson(Architecture.toJson(net));
    assertEquals(net.toString(), again.toString());
    assertEquals(net.stateDict().keySet(), again.stateDict().keySet());
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = MobileNetV4Test.class.getResourceAsStream("/detypify/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
