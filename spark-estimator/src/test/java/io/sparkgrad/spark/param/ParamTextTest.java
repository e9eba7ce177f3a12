// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.AutogradClassifier;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParamTextTest {
  @Test
  void settingsAreWhatIsSetAndWhatIsDefault() {
    AutogradClassifier stage =
        new AutogradClassifier()
            .setFrozenLayers("conv1", "bn*")
            .setInputShapes(new int[][] {{3, 32, 32}, {10}})
            .setNetwork("{ \"type\" : \"" + "x".repeat(200) + "\" }");
    stage.set(stage.thresholds(), new double[] {0.5, 1});
    stage.set(stage.initialModel(), new byte[1234]);
    Map<String, String> settings = ParamText.settings(stage);
    assertEquals("[conv1, bn*]", settings.get("frozenLayers"));
    assertEquals("[[3, 32, 32], [10]]", settings.get("inputShapes"));
    assertEquals("[0.5, 1.0]", settings.get("thresholds"));
    assertEquals("1,234 bytes", settings.get("initialModel"));
    assertEquals("32", settings.get("batchSize"));
    assertTrue(settings.get("network").endsWith("x… (215 characters)"), settings.get("network"));
    assertFalse(settings.containsKey("weightCol"), "neither set nor default");
  }
}
