// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * What {@code explainParam} and reports say of Params. As Spark's, but arrays show their elements,
 * and a long text, such as an architecture, shows its beginning.
 */
public final class ParamText {
  private static final int LONG = 100;

  private ParamText() {}

  /** Name, doc, and the default and current value in brackets. */
  public static <T> String explain(Params owner, Param<T> param) {
    List<String> values = new ArrayList<>();
    if (owner.hasDefault(param)) {
      values.add("default: " + text(owner.getDefault(param).get()));
    }
    if (owner.isSet(param)) {
      values.add("current: " + text(owner.get(param).get()));
    }
    return "%s: %s (%s)"
        .formatted(
            param.name(), param.doc(), values.isEmpty() ? "undefined" : String.join(", ", values));
  }

  /** What a stage was told and what it has by default, by the names of the Params. */
  public static Map<String, String> settings(Params owner) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (Param<?> param : owner.params()) {
      if (owner.isDefined(param)) {
        settings.put(param.name(), text(owner.getOrDefault(param)));
      }
    }
    return settings;
  }

  /** The whole values, as Spark saves them, by the names of the Params. */
  public static Map<String, String> json(Params owner) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Param<?> param : owner.params()) {
      if (owner.isDefined(param)) {
        values.put(param.name(), encoded(owner, param));
      }
    }
    return values;
  }

  private static <T> String encoded(Params owner, Param<T> param) {
    return param.jsonEncode(owner.getOrDefault(param));
  }

  private static String text(Object value) {
    if (value instanceof Object[] objects) {
      return Arrays.deepToString(objects);
    }
    if (value instanceof double[] doubles) {
      return Arrays.toString(doubles);
    }
    if (value instanceof byte[] bytes) {
      return "%,d bytes".formatted(bytes.length);
    }
    if (value instanceof int[] ints) {
      return Arrays.toString(ints);
    }
    String line = value.toString().strip().replaceAll("\\s+", " ");
    return line.length() <= LONG
        ? line
        : "%s… (%,d characters)".formatted(line.substring(0, LONG), value.toString().length());
  }
}
